-- Purpose: somebody registers, with an address and a consent.
-- $1 a fresh key, $2 a random number, $3 now in the store. Returns the written rows: entity, source_key, region.
with place as (
    select region, domain, language from poco.stores order by (id * 7919 + $2) % 101, id limit 1),
person as (
    insert into poco.customers (id, region, email, email_verified_at, full_name, birth_date, locale, status, created_at)
    select $1, region, 'visitor' || $1 || '@example.com', case when $2 % 3 > 0 then $3::timestamp end, 'Visitor ' || $1, '1990-05-05', language, 1, $3
      from place
    returning id, region),
home as (
    insert into poco.addresses (id, region, customer_id, kind, payload, is_default, created_at)
    select $1, region, $1, 'shipping',
           json_build_object('name', 'Visitor', 'line1', $2 % 200 || ' High Street', 'city', 'Town', 'postcode', '12345', 'country', 'GB'), true, $3
      from place
    returning id, region),
said as (
    insert into poco.consents (id, region, customer_id, purpose, granted, recorded_at)
    select $1, region, $1, 'newsletter', $2 % 2 = 0, $3 from place
    returning id, region)
select 'customers' as entity, id as source_key, region from person
 union all select 'addresses', id, region from home
 union all select 'consents', id, region from said
