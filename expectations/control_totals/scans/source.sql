-- Control total: scans of parcels by code; their places in the order; their local seconds. Entity: shipment_events
with scan as (
select e.region, e.code, e.sequence_no, e.occurred_at
  from poco.shipment_events e
 where e.id not in (select source_key from aside))
select region, code || ' scans' as bucket, count(*)::numeric as amount from scan group by region, code
 union all
select region, 'places in the order, by local second', sum(sequence_no * extract(epoch from occurred_at)) from scan group by region
