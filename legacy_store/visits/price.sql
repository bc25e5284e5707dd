-- Purpose: a price changes.
-- $1 a fresh key, $2 a random number, $3 now in the store. Returns the written rows: entity, source_key, region.
with old as (
    update poco.product_prices r set valid_to = $3
      from (select id from poco.product_prices where valid_to is null and amount_minor > 0
               and currency in (select code from poco.currencies) order by (id + $2) % 997, id limit 1) one
     where r.id = one.id
    returning r.id, r.region, r.product_id, r.currency, r.amount_minor),
new as (
    insert into poco.product_prices (id, region, product_id, currency, amount_minor, valid_from)
    select $1, region, product_id, currency, amount_minor + 1, $3 from old
    returning id, region)
select 'product_prices' as entity, id as source_key, region from old
 union all select 'product_prices', id, region from new
