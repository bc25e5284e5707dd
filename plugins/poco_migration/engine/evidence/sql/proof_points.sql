-- Purpose: what became of the points a run has measured, by region and state, for its certificate: POCO's as the source has
--          them, what mi.com's side has of them, and of how many customers every balance is equal.
-- $1 run
select c.region, b.state, k.points_new || '/' || k.points_old as rate,
       sum(c.source) filter (where c.bucket = b.state || ' points of POCO')     as points,
       sum(c.target) filter (where c.bucket = b.state || ' points credited')    as credited,
       sum(c.target) filter (where c.bucket = b.state || ' remainders')         as remainder,
       sum(c.source) filter (where c.bucket = 'customers: ' || b.state)::bigint as customers,
       sum(c.target) filter (where c.bucket = 'customers: ' || b.state)::bigint as customers_equal
  from migration.control_total c
  join migration.scope k on k.region = c.region
  join (values ('posted'), ('pending')) b (state) on c.bucket ~ ('\m' || b.state || '\M')
 where c.run = $1 and c.total in ('points', 'points_by_customer')
 group by c.region, b.state, k.points_new, k.points_old
 order by c.region, b.state
