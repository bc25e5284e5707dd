-- Purpose: the migrated prices, read back in the shape of extract.sql.
-- One row per price. Order: none.
select t.price_id - mi.poco_key(0) as source_key,
       o.region,
       'migrated'                  as outcome,
       t.price_id,
       i.market,
       t.item_id,
       t.currency,
       t.amount,
       t.valid_from,
       t.valid_to
  from mi.item_prices t
  join mi.brand_items i on i.item_id = t.item_id
  join mi.market_origins o on o.market = i.market
 where t.origin = 'poco'  -- POCO's mark
