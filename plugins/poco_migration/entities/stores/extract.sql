-- Purpose: POCO's stores, in the shape of mi.market_origins.
-- One row per store. Order: none.
select s.id                      as source_key,
       s.region,
       null::text                as refused,
       poco_export.mi_key(s.id)  as origin_id,
       s.market,
       s.domain,
       s.language,
       s.currency::text          as currency,
       s.time_zone,
       s.opened_on
  from poco_export.stores s
