-- Purpose: upsert the scans of migrated parcels.

insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'shipments ' || (s.shipment_id - mi.poco_key(0))
  from accepted s
 where not exists (select from mi.shipments h join mi.orders o on o.order_id = h.order_id
                    where h.shipment_id = s.shipment_id and o.market = s.market);

-- Section: delete
delete from mi.shipment_events t using gone g where t.event_id = mi.poco_key(g.source_key);

-- Section: between
-- A number that moves from one scan to another is free before it is taken; whoever had it is looked at again.
with moved as (delete from mi.shipment_events t
                using accepted a
                where t.shipment_id = a.shipment_id and t.sequence_no = a.sequence_no and t.event_id <> a.event_id and t.origin = 'poco'
            returning t.event_id)
insert into kids (entity, source_key)
select 'shipment_events', event_id - mi.poco_key(0) from moved;

-- Section: upsert
insert into mi.shipment_events as t (event_id, shipment_id, sequence_no, code, location, occurred_at, occurred_local, origin)
select event_id, shipment_id, sequence_no, code, location, occurred_at, occurred_local, 'poco'
  from accepted
    on conflict (event_id) do update
   set shipment_id = excluded.shipment_id, sequence_no = excluded.sequence_no, code = excluded.code, location = excluded.location,
       occurred_at = excluded.occurred_at, occurred_local = excluded.occurred_local
 where (t.shipment_id, t.sequence_no, t.code, t.location, t.occurred_at, t.occurred_local)
       is distinct from
       (excluded.shipment_id, excluded.sequence_no, excluded.code, excluded.location, excluded.occurred_at, excluded.occurred_local);
