-- Control total: every column of stores, each summed by itself with the key. Entity: stores
-- Hashed: one row for each that should be at mi.com.
select s.id as key, s.region, k.market, s.domain, s.language, s.currency, s.time_zone, s.opened_on
  from poco.stores s
  join poco_export.scope k on k.region = s.region
 where s.id not in (select source_key from aside)
