-- Purpose: points are earned.
-- $1 a fresh key, $2 a random number, $3 now in the store. Returns the written rows: entity, source_key, region.
insert into poco.points_ledger (id, region, customer_id, kind, state, points, created_at)
select $1, region, id, 'earned', 'posted', 10 + $2 % 90, $3
  from poco.customers
 where status = 1 and id >= $2 % (select max(id) from poco.customers where id < 900000000)
 order by id limit 1
returning 'points_ledger' as entity, id as source_key, region
