-- Control total: points by state: POCO's own, what makes whole points of mi.com, and what is left of each customer and
-- expiry, in the rate's parts of a point. Entity: points_ledger
-- Points that would end in the gap end later by it, where the ruling keeps what POCO expires there (expectations/balances).
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
select l.region, l.state, sum(l.points) as points, sum(l.points) * k.points_new as parts,
       (sum(l.points) * k.points_new % k.points_old + k.points_old) % k.points_old as rest, k.points_old
  from entry l
  join poco_export.scope k on k.region = l.region
 where l.id not in (select source_key from aside)
 group by l.region, l.state, l.customer_id, l.expires_at, k.points_new, k.points_old)
select region, state || ' points of POCO' as bucket, sum(points) as amount from bucket group by region, state
 union all
select region, state || ' points credited', sum(div(parts - rest, points_old)) from bucket group by region, state
 union all
select region, state || ' remainders', sum(rest) from bucket group by region, state
