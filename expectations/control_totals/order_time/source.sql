-- Control total: when orders were placed, in seconds since 1970, read in each store's zone. Entity: orders
select o.region, 'placed_at, seconds' as bucket, sum(extract(epoch from o.placed_at at time zone s.time_zone)) as amount
  from poco.orders o
  join poco.stores s on s.region = o.region
 where o.id not in (select source_key from aside)
 group by o.region
