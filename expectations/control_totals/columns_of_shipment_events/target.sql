-- Control total: every column of scans, and of which parcel each is, each summed by itself with the key; by POCO's keys.
select e.event_id - mi.poco_key(0) as key, upper(o.market) as region, e.shipment_id - mi.poco_key(0) as parcel, e.sequence_no, e.code, e.location,
       e.occurred_at as occurred, e.occurred_local
  from mi.shipment_events e
  join mi.shipments h on h.shipment_id = e.shipment_id
  join mi.orders o on o.order_id = h.order_id
 where e.origin = 'poco'
