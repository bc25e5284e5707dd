-- Purpose: POCO's scan events, in the shape of mi.shipment_events.
-- One row per scan. The sequence number keeps the order where a repeated hour would lose it. Order: none.
select e.id                                     as source_key,
       e.region,
       case when e.code not in ('accepted', 'departed', 'arrived', 'out_for_delivery', 'delivered', 'exception') then 'code_unknown'
            when exists (select from poco_export.shipment_events f
                          where f.shipment_id = e.shipment_id and f.sequence_no = e.sequence_no and f.id < e.id) then 'sequence_taken' end as refused,
       poco_export.mi_key(e.id)                 as event_id,
       e.market,
       poco_export.mi_key(e.shipment_id)        as shipment_id,
       e.sequence_no,
       e.code,
       e.location,
       e.occurred_at at time zone e.time_zone   as occurred_at,
       e.occurred_at                            as occurred_local
  from poco_export.shipment_events e
