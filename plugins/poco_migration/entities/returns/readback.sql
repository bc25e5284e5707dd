-- Purpose: the migrated returns, read back in the shape of extract.sql.
-- One row per return. Order: none.
select t.return_id - mi.poco_key(0) as source_key,
       m.region,
       'migrated'                   as outcome,
       t.return_id, o.market, t.line_id, t.quantity, t.reason, t.status, t.opened_at, t.closed_at
  from mi.returns t
  join mi.order_lines l on l.line_id = t.line_id
  join mi.orders o on o.order_id = l.order_id
  join mi.market_origins m on m.market = o.market
 where t.origin = 'poco'  -- POCO's mark
