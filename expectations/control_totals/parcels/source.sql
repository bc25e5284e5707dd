-- Control total: parcels by status, which order each is of, and when they were sent and delivered. Entity: shipments
with parcel as (
select s.region, s.id, s.order_id, case s.status when 1 then 'created' when 2 then 'in_transit' when 3 then 'delivered' when 4 then 'lost' end as status,
       s.shipped_at at time zone k.time_zone as shipped, s.delivered_at at time zone k.time_zone as delivered
  from poco.shipments s
  join poco.stores k on k.region = s.region
 where s.id not in (select source_key from aside))
select region, status || ' parcels' as bucket, count(*)::numeric as amount from parcel group by region, status
 union all
select region, 'parcel times order', sum(id::numeric * order_id) from parcel group by region
 union all
select region, 'seconds sent and delivered', coalesce(sum(extract(epoch from shipped)), 0) + 3 * coalesce(sum(extract(epoch from delivered)), 0) from parcel group by region
