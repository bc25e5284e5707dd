-- Control total: scans, the parcels that have any, which scan is of which parcel, in which place and when. Entity: shipment_events
with child as (
select e.region, e.id, e.shipment_id as parent, e.sequence_no, e.occurred_at, e.occurred_at at time zone s.time_zone as instant
  from poco.shipment_events e
  join poco.stores s on s.region = e.region
 where e.id not in (select source_key from aside))
select region, 'scans' as bucket, count(*)::numeric as amount from child group by region
 union all
select region, 'parcels with scans', count(distinct parent)::numeric from child group by region
 union all
select region, 'scan times parcel', sum(id::numeric * parent) from child group by region
 union all
select region, 'scan times place in the order', sum(id::numeric * sequence_no) from child group by region
 union all
select region, 'scan times local second', sum(id::numeric * extract(epoch from occurred_at)) from child group by region
 union all
select region, 'scan times second since 1970', sum(id::numeric * extract(epoch from instant)) from child group by region
