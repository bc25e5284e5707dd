-- Purpose: an article is sent back.
-- $1 a fresh key, $2 a random number, $3 now in the store. Returns the written rows: entity, source_key, region.
insert into poco.returns (id, region, order_id, order_item_id, quantity, reason, status, opened_at)
select $1, i.region, i.order_id, i.id, 1, 'too small', 1, $3
  from poco.order_items i
 where i.id >= $2 % (select max(id) from poco.order_items where id < 900000000)
 order by i.id limit 1
returning 'returns' as entity, id as source_key, region
