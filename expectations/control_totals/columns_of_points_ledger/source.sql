-- Control total: every column of entries of points, whose they are and of which order, each summed by itself with the key. Entity: points_ledger
-- Hashed: one row for each that should be at mi.com.
-- Points are POCO's own here; what becomes of them at the region's rate, the total `points` and the balance say. Where migration.toml rules that
-- nobody loses points in the gap, and a region is handed over, an entry that would end in the gap ends later by its length.
select l.id as key, l.region, l.customer_id as customer, l.kind, l.state, l.points, l.order_id as purchase,
       e.at_poco + case when e.at_poco > r.cutover_at and e.at_poco <= r.coupon_gap_ends and h.region is not null and r.points_expired = 'left_out'
                        then r.coupon_gap_ends - r.cutover_at else interval '0' end as expires,
       l.created_at at time zone s.time_zone as created
  from poco_export.audited_points_ledger l
  join poco.stores s on s.region = l.region
 cross join poco_export.rules r
  left join poco_export.handed_over h on h.region = l.region
 cross join lateral (select l.expires_at at time zone s.time_zone as at_poco) e
 where l.id not in (select source_key from aside)
