-- Control total: every column of consents, each summed by itself with the key. Entity: consents
-- Hashed: one row for each that should be at mi.com.
select n.id as key, n.region, n.customer_id as customer, n.purpose, n.granted, n.recorded_at at time zone s.time_zone as recorded
  from poco_export.audited_consents n
  join poco.stores s on s.region = n.region
 where n.id not in (select source_key from aside)
