-- Control total: scans, the parcels that have any, which scan is of which parcel, in which place and when; by POCO's keys.
with child as (
select upper(o.market) as region, e.event_id - mi.poco_key(0) as id, e.shipment_id - mi.poco_key(0) as parent, e.sequence_no,
       e.occurred_local, e.occurred_at
  from mi.shipment_events e
  join mi.shipments s on s.shipment_id = e.shipment_id
  join mi.orders o on o.order_id = s.order_id
 where e.origin = 'poco')
select region, 'scans' as bucket, count(*)::numeric as amount from child group by region
 union all
select region, 'parcels with scans', count(distinct parent)::numeric from child group by region
 union all
select region, 'scan times parcel', sum(id::numeric * parent) from child group by region
 union all
select region, 'scan times place in the order', sum(id::numeric * sequence_no) from child group by region
 union all
select region, 'scan times local second', sum(id::numeric * extract(epoch from occurred_local)) from child group by region
 union all
select region, 'scan times second since 1970', sum(id::numeric * extract(epoch from occurred_at)) from child group by region
