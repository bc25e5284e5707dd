-- Purpose: somebody buys one article and pays by card.
-- $1 a fresh key, $2 a random number, $3 now in the store. Returns the written rows: entity, source_key, region.
with buyer as (
    select c.id, c.region
      from poco.customers c
     where c.status = 1 and c.id >= $2 % (select max(id) from poco.customers where id < 900000000)
     order by c.id limit 1),
article as (
    select p.id, p.region, p.sku, p.name, r.amount_minor, r.currency, b.id as buyer
      from buyer b join poco.products p on p.region = b.region join poco.product_prices r on r.product_id = p.id and r.valid_to is null
     where p.status = 1 and r.amount_minor > 0 and r.currency = (select s.currency from poco.stores s where s.region = p.region)
     order by (p.id + $2) % 97, p.id, r.id limit 1),
bought as (
    insert into poco.orders (id, region, order_number, customer_id, status, currency, subtotal_minor, discount_minor, shipping_minor,
                             tax_minor, total_minor, placed_at, updated_at)
    select $1, region, region || 'L' || $1, buyer, 20, currency, amount_minor, 0, 0, amount_minor / 6, amount_minor, $3, $3 from article
    returning id, region),
item as (
    insert into poco.order_items (id, region, order_id, product_id, sku, title, quantity, unit_minor, total_minor)
    select $1, region, $1, id, sku, name, 1, amount_minor, amount_minor from article
    returning id, region),
paid as (
    insert into poco.payments (id, region, order_id, method, provider_ref, amount_minor, currency, status, paid_at)
    select $1, region, $1, 'card', 'ref-' || $1, amount_minor, currency, 2, $3 from article
    returning id, region)
select 'orders' as entity, id as source_key, region from bought
 union all select 'order_items', id, region from item
 union all select 'payments', id, region from paid
