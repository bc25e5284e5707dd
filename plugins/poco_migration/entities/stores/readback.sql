-- Purpose: the migrated stores, read back in the shape of extract.sql.
-- One row per store. Every one is merged: the market was there before. Order: none.
select t.origin_id - mi.poco_key(0) as source_key,
       t.region,
       'merged'                     as outcome,
       t.origin_id,
       t.market,
       t.domain,
       t.language,
       t.currency,
       t.time_zone,
       t.opened_on
  from mi.market_origins t
