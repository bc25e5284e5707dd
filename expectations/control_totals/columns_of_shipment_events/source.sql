-- Control total: every column of scans, and of which parcel each is, each summed by itself with the key. Entity: shipment_events
-- Hashed: one row for each that should be at mi.com.
select e.id as key, e.region, e.shipment_id as parcel, e.sequence_no, e.code, e.location, e.occurred_at at time zone s.time_zone as occurred,
       e.occurred_at as occurred_local
  from poco_export.audited_shipment_events e
  join poco.stores s on s.region = e.region
 where e.id not in (select source_key from aside)
