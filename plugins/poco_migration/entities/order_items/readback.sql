-- Purpose: the migrated order lines, read back in the shape of extract.sql.
-- One row per line. Order: none.
select t.line_id - mi.poco_key(0) as source_key,
       m.region,
       'migrated'                 as outcome,
       t.line_id, o.market, t.order_id, t.item_id, t.sku, t.title, t.quantity, t.unit_price, t.total
  from mi.order_lines t
  join mi.orders o on o.order_id = t.order_id
  join mi.market_origins m on m.market = o.market
 where t.origin = 'poco'  -- POCO's mark
