-- Control total: points by state: POCO's own, what makes whole points of mi.com, and what is left of each customer and
-- expiry, in the rate's parts of a point. Entity: points_ledger
with bucket as (
select l.region, l.state, sum(l.points) as points, sum(l.points) * k.points_new as parts,
       (sum(l.points) * k.points_new % k.points_old + k.points_old) % k.points_old as rest, k.points_old
  from poco.points_ledger l
  join poco.stores s on s.region = l.region
  join poco_export.scope k on k.region = l.region
 where l.id not in (select source_key from aside)
 group by l.region, l.state, l.customer_id, l.expires_at at time zone s.time_zone, k.points_new, k.points_old)
select region, state || ' points of POCO' as bucket, sum(points) as amount from bucket group by region, state
 union all
select region, state || ' points credited', sum(div(parts - rest, points_old)) from bucket group by region, state
 union all
select region, state || ' remainders', sum(rest) from bucket group by region, state
