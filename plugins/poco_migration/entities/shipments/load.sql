-- Purpose: upsert the parcels of migrated orders.

insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'orders ' || (s.order_id - mi.poco_key(0))
  from accepted s
 where not exists (select from mi.orders o where o.order_id = s.order_id and o.market = s.market);

-- Section: delete
delete from mi.shipments t using gone g where t.shipment_id = mi.poco_key(g.source_key);

-- Section: upsert
insert into mi.shipments as t (shipment_id, order_id, carrier, tracking_number, status, shipped_at, delivered_at, origin)
select shipment_id, order_id, carrier, tracking_number, status, shipped_at, delivered_at, 'poco'
  from accepted
    on conflict (shipment_id) do update
   set order_id = excluded.order_id, carrier = excluded.carrier, tracking_number = excluded.tracking_number, status = excluded.status,
       shipped_at = excluded.shipped_at, delivered_at = excluded.delivered_at
 where (t.order_id, t.carrier, t.tracking_number, t.status, t.shipped_at, t.delivered_at)
       is distinct from
       (excluded.order_id, excluded.carrier, excluded.tracking_number, excluded.status, excluded.shipped_at, excluded.delivered_at);
