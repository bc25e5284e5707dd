-- Purpose: every customer's points as they must be at mi.com: by state, by state and expiry, and what makes no whole point.
-- Entity: points_ledger
-- aside(source_key) holds the keys that rightly are not on the target. A bucket is converted as a whole, not entry by entry.
-- Points that would end between the handover and the deadline end later by as much, where the ruling keeps what POCO expires in the gap.
with entry as (
select l.id, l.region, l.customer_id, l.state, l.points, l.expires_at at time zone s.time_zone
       + case when r.points_expired = 'left_out' and h.region is not null
               and l.expires_at at time zone s.time_zone > r.cutover_at and l.expires_at at time zone s.time_zone <= r.coupon_gap_ends
              then r.coupon_gap_ends - r.cutover_at else interval '0' end as expires_at
  from poco_export.audited_points_ledger l
  join poco.stores s on s.region = l.region
 cross join poco_export.rules r
  left join poco_export.handed_over h on h.region = l.region),
bucket as (
select l.region, l.customer_id, l.state, l.expires_at,
       sum(l.points) * k.points_new as parts, (sum(l.points) * k.points_new % k.points_old + k.points_old) % k.points_old as rest, k.points_old
  from entry l
  join poco_export.scope k on k.region = l.region
 where l.id not in (select source_key from aside)
 group by l.region, l.customer_id, l.state, l.expires_at, k.points_new, k.points_old),
whole as (
select region, customer_id, state, coalesce(to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), 'never') as expiry,
       div(parts - rest, points_old) as points, rest
  from bucket)
select region, customer_id as holder, 'customers: ' || state as balance, '' as place, sum(points) as amount from whole group by region, customer_id, state
 union all
select region, customer_id, 'customers: ' || state || ' by expiry', expiry, points from whole
 union all
select region, customer_id, 'customers: ' || state || ' remainder', expiry, rest from whole where rest <> 0
