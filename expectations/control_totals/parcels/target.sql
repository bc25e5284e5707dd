-- Control total: parcels by status, which order each is of, and when they were sent and delivered; by POCO's keys.
with parcel as (
select upper(o.market) as region, s.shipment_id - mi.poco_key(0) as id, s.order_id - mi.poco_key(0) as order_id, s.status,
       s.shipped_at as shipped, s.delivered_at as delivered
  from mi.shipments s
  join mi.orders o on o.order_id = s.order_id
 where s.origin = 'poco')
select region, status || ' parcels' as bucket, count(*)::numeric as amount from parcel group by region, status
 union all
select region, 'parcel times order', sum(id::numeric * order_id) from parcel group by region
 union all
select region, 'seconds sent and delivered', coalesce(sum(extract(epoch from shipped)), 0) + 3 * coalesce(sum(extract(epoch from delivered)), 0) from parcel group by region
