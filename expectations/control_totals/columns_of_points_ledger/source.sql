-- Control total: every column of entries of points, whose they are and of which order, each summed by itself with the key. Entity: points_ledger
-- Hashed: one row for each that should be at mi.com.
-- Points are POCO's own here; what becomes of them at the region's rate, the total `points` and the balance say.
select l.id as key, l.region, l.customer_id as customer, l.kind, l.state, l.points, l.order_id as purchase, l.expires_at at time zone s.time_zone as expires,
       l.created_at at time zone s.time_zone as created
  from poco.points_ledger l
  join poco.stores s on s.region = l.region
 where l.id not in (select source_key from aside)
