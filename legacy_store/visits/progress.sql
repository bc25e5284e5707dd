-- Purpose: an order moves on: packed, shipped, delivered.
-- $1 a fresh key, $2 a random number, $3 now in the store. Returns the written rows: entity, source_key, region.
update poco.orders o
   set status = case o.status when 10 then 20 when 20 then 30 when 30 then 40 else 50 end, updated_at = $3
  from (select id from poco.orders
         where status in (10, 20, 30, 40) and id >= $2 % (select max(id) from poco.orders where id < 900000000)
         order by id limit 1) next
 where o.id = next.id
returning 'orders' as entity, o.id as source_key, o.region
