-- Control total: every column of parcels, and of which order each is, each summed by itself with the key. Entity: shipments
-- Hashed: one row for each that should be at mi.com.
select h.id as key, h.region, h.order_id as purchase, h.carrier, h.tracking_number,
       case h.status when 1 then 'created' when 2 then 'in_transit' when 3 then 'delivered' when 4 then 'lost' end as status,
       h.shipped_at at time zone s.time_zone as shipped, h.delivered_at at time zone s.time_zone as delivered
  from poco_export.audited_shipments h
  join poco.stores s on s.region = h.region
 where h.id not in (select source_key from aside)
