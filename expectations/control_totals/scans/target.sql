-- Control total: scans of parcels by code; their places in the order; their local seconds.
with scan as (
select upper(o.market) as region, e.code, e.sequence_no, e.occurred_local
  from mi.shipment_events e
  join mi.shipments s on s.shipment_id = e.shipment_id
  join mi.orders o on o.order_id = s.order_id
 where e.origin = 'poco')
select region, code || ' scans' as bucket, count(*)::numeric as amount from scan group by region, code
 union all
select region, 'places in the order, by local second', sum(sequence_no * extract(epoch from occurred_local)) from scan group by region
