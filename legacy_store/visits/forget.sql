-- Purpose: an address is deleted.
-- $1 a fresh key, $2 a random number, $3 now in the store. Returns the written rows: entity, source_key, region.
delete from poco.addresses a
 using (select id from poco.addresses
         where not is_default and id >= $2 % (select max(id) from poco.addresses where id < 900000000) order by id limit 1) one
 where a.id = one.id
returning 'addresses' as entity, a.id as source_key, a.region
