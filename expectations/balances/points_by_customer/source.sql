-- Purpose: every customer's points as they must be at mi.com: by state, by state and expiry, and what makes no whole point.
-- Entity: points_ledger
-- aside(source_key) holds the keys that rightly are not on the target. A bucket is converted as a whole, not entry by entry.
with bucket as (
select l.region, l.customer_id, l.state, l.expires_at at time zone s.time_zone as expires_at,
       sum(l.points) * k.points_new as parts, (sum(l.points) * k.points_new % k.points_old + k.points_old) % k.points_old as rest, k.points_old
  from poco.points_ledger l
  join poco.stores s on s.region = l.region
  join poco_export.scope k on k.region = l.region
 where l.id not in (select source_key from aside)
 group by l.region, l.customer_id, l.state, l.expires_at at time zone s.time_zone, k.points_new, k.points_old),
whole as (
select region, customer_id, state, coalesce(to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), 'never') as expiry,
       div(parts - rest, points_old) as points, rest
  from bucket)
select region, customer_id as holder, 'customers: ' || state as balance, '' as place, sum(points) as amount from whole group by region, customer_id, state
 union all
select region, customer_id, 'customers: ' || state || ' by expiry', expiry, points from whole
 union all
select region, customer_id, 'customers: ' || state || ' remainder', expiry, rest from whole where rest <> 0
