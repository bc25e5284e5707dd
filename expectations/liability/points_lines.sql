-- Purpose: what POCO has booked in points between the handover and their close, by region, kind and state, and what of it is left out by
--          the ruling (on the target).
-- Rule:    counted are the customers whom mi.com has, who are not erased, in regions with a programme: nobody else's points move.
-- Needs:   the temporary tables poco_points and poco_left_out (region, customer, kind, state, points); $1 the run, $2 the ruling.
with lines as (
select region, customer, kind, state, points as at_handover, 0 as booked, 0 as left_out from migration.points_freeze
 union all
select region, customer, kind, state, 0, -points, 0 from migration.points_freeze
 union all
select region, customer, kind, state, 0, points, 0 from poco_points
 union all
select region, customer, kind, state, 0, 0, points from poco_left_out)
insert into migration.points_gap (run, region, kind, state, ruling, at_handover, booked, left_out)
select $1, l.region, l.kind, l.state, $2, sum(l.at_handover), sum(l.booked), sum(l.left_out)
  from lines l
  join migration.scope k on k.region = l.region and k.loyalty
 where l.region in (select region from migration.points_freeze)
   and exists (select from mi.profiles p where p.profile_id = mi.poco_key(l.customer) and p.market = k.market)
   and not exists (select from migration.erasure e where e.customer = l.customer)
 group by l.region, l.kind, l.state
