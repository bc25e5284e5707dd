-- Purpose: somebody mends name and address.
-- $1 a fresh key, $2 a random number, $3 now in the store. Returns the written rows: entity, source_key, region.
with person as (
    select id from poco.customers
     where status = 1 and id >= $2 % (select max(id) from poco.customers where id < 900000000) order by id limit 1),
renamed as (
    update poco.customers c set full_name = 'Renamed ' || $1 from person p where c.id = p.id
    returning c.id, c.region),
moved as (
    update poco.addresses a
       set payload = json_build_object('name', 'Renamed', 'line1', $1 || ' New Road', 'city', 'Town', 'postcode', '54321', 'country', 'FR')
      from person p where a.customer_id = p.id
    returning a.id, a.region)
select 'customers' as entity, id as source_key, region from renamed
 union all select 'addresses', id, region from moved
