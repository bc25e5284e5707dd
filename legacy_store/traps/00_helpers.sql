-- Purpose: plain, valid rows that the traps then bend. For this session only.
-- Keys:    a trap plants its rows between 900,000,000 and 900,999,999, one block of a thousand each.

create function pg_temp.customer(key bigint, in_region text) returns void language sql as $$
insert into poco.customers (id, region, full_name, birth_date, locale, status, created_at)
values (key, in_region, 'Trap ' || key, '1990-05-05', 'en', 1, '2023-01-01 10:00') $$;

create function pg_temp.product(key bigint, in_region text) returns void language sql as $$
insert into poco.products (id, region, sku, slug, name, model, category, status, created_at)
values (key, in_region, 'TRAP-' || key, 'trap-' || key, 'Trap article ' || key, 'Trap', 'phones', 1, '2023-01-01 10:00') $$;

create function pg_temp.purchase(key bigint, in_region text, buyer bigint) returns void language sql as $$
insert into poco.orders (id, region, order_number, customer_id, status, currency, subtotal_minor, discount_minor, shipping_minor,
                         tax_minor, total_minor, placed_at, updated_at)
select key, in_region, in_region || 'T' || key, buyer, 50, coalesce(s.currency, 'EUR'), 10000, 0, 0, 1667, 10000, '2024-02-02 12:00', '2024-02-02 14:00'
  from (select 1) one left join poco.stores s on s.region = in_region $$;

-- Children take the region of their parent; an orphan, whose parent is not there, is a German one.
create function pg_temp.home(of_order bigint) returns text language sql as $$
select coalesce((select region from poco.orders where id = of_order), 'DE') $$;

create function pg_temp.item(key bigint, of_order bigint, product bigint) returns void language sql as $$
insert into poco.order_items (id, region, order_id, product_id, sku, title, quantity, unit_minor, total_minor)
values (key, pg_temp.home(of_order), of_order, product, 'TRAP-' || product, 'Trap article ' || product, 1, 10000, 10000) $$;

create function pg_temp.payment(key bigint, of_order bigint) returns void language sql as $$
insert into poco.payments (id, region, order_id, method, provider_ref, card_token, amount_minor, currency, status, paid_at)
values (key, pg_temp.home(of_order), of_order, 'card', 'ref-' || key, 'card_secret_' || key, 10000, 'EUR', 2, '2024-02-02 12:01') $$;

create function pg_temp.parcel(key bigint, of_order bigint) returns void language sql as $$
insert into poco.shipments (id, region, order_id, carrier, tracking_number, status, shipped_at, delivered_at)
values (key, pg_temp.home(of_order), of_order, 'DHL', 'TRAP' || key, 3, '2024-02-03 09:00', '2024-02-05 15:00') $$;

create function pg_temp.review(key bigint, in_region text, product bigint, author bigint) returns void language sql as $$
insert into poco.reviews (id, region, product_id, customer_id, rating, title, body, status, created_at)
values (key, in_region, product, author, 4, 'Trap', 'Trap review', 1, '2024-03-03 10:00') $$;

create function pg_temp.coupon(key bigint, in_region text, owner bigint) returns void language sql as $$
insert into poco.coupons (id, region, code, kind, value_minor, currency, minimum_minor, customer_id, status, valid_from, valid_until)
values (key, in_region, 'TRAP-SECRET-' || key, 1, 500, 'EUR', 0, owner, 1, '2024-01-01 00:00', '2025-06-30 12:00') $$;
