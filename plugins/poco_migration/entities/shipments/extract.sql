-- Purpose: POCO's shipments, in the shape of mi.shipments.
-- One row per parcel. Order: none.
select h.id                                       as source_key,
       h.region,
       case when s.status is null                 then 'status_unknown'
            when h.delivered_at < h.shipped_at    then 'delivered_before_sent' end as refused,
       poco_export.mi_key(h.id)                   as shipment_id,
       h.market,
       poco_export.mi_key(h.order_id)             as order_id,
       h.carrier,
       h.tracking_number,
       s.status,
       h.shipped_at at time zone h.time_zone      as shipped_at,
       h.delivered_at at time zone h.time_zone    as delivered_at
  from poco_export.shipments h
  left join (values (1, 'created'), (2, 'in_transit'), (3, 'delivered'), (4, 'lost')) as s (code, status) on s.code = h.status
