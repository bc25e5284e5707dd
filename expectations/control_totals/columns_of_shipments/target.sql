-- Control total: every column of parcels, and of which order each is, each summed by itself with the key; by POCO's keys.
select h.shipment_id - mi.poco_key(0) as key, upper(o.market) as region, h.order_id - mi.poco_key(0) as purchase, h.carrier, h.tracking_number,
       h.status, h.shipped_at as shipped, h.delivered_at as delivered
  from mi.shipments h
  join mi.orders o on o.order_id = h.order_id
 where h.origin = 'poco'
