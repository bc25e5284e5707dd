-- Purpose: the migrated orders, read back in the shape of extract.sql.
-- One row per order. Order: none.
select t.order_id - mi.poco_key(0) as source_key,
       o.region,
       'migrated'                  as outcome,
       t.order_id, t.order_number, t.original_number, t.market, t.profile_id, t.buyer, t.guest_email, t.guest_phone, t.status, t.currency,
       t.subtotal, t.discount, t.shipping, t.tax, t.total, t.adds_up, t.ship_to, t.note, t.placed_at, t.placed_at_local, t.time_quality,
       t.updated_at
  from mi.orders t
  join mi.market_origins o on o.market = t.market
 where t.origin = 'poco'  -- POCO's mark
