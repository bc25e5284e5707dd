-- Purpose: the migrated parcels, read back in the shape of extract.sql.
-- One row per parcel. Order: none.
select t.shipment_id - mi.poco_key(0) as source_key,
       m.region,
       'migrated'                     as outcome,
       t.shipment_id, o.market, t.order_id, t.carrier, t.tracking_number, t.status, t.shipped_at, t.delivered_at
  from mi.shipments t
  join mi.orders o on o.order_id = t.order_id
  join mi.market_origins m on m.market = o.market
 where t.origin = 'poco'  -- POCO's mark
