-- Purpose: the migrated scans, read back in the shape of extract.sql.
-- One row per scan. Order: none.
select t.event_id - mi.poco_key(0) as source_key,
       m.region,
       'migrated'                  as outcome,
       t.event_id, o.market, t.shipment_id, t.sequence_no, t.code, t.location, t.occurred_at, t.occurred_local
  from mi.shipment_events t
  join mi.shipments h on h.shipment_id = t.shipment_id
  join mi.orders o on o.order_id = h.order_id
  join mi.market_origins m on m.market = o.market
 where t.origin = 'poco'  -- POCO's mark
