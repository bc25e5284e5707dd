-- Purpose: the least the migration needs on POCO's side. The migrator reads the views; the auditor reads the original
--          tables column by column, without secrets and without what names a person, so that control totals do not depend on the views.
-- Rerun:   safe. The roles themselves are made by whoever runs the server (docs/runbook.md, "Roles").

revoke all on schema poco_export from public;
grant usage on schema poco_export to poco_migrator, poco_auditor;
grant select on poco_export.scope, poco_export.rules, poco_export.units, poco_export.reference, poco_export.parked,
                poco_export.stores, poco_export.products, poco_export.product_prices, poco_export.customers,
                poco_export.addresses, poco_export.consents, poco_export.orders, poco_export.order_items,
                poco_export.payments, poco_export.refunds, poco_export.returns, poco_export.shipments,
                poco_export.shipment_events, poco_export.reviews, poco_export.tickets, poco_export.ticket_messages,
                poco_export.warranty_claims, poco_export.coupons, poco_export.coupon_redemptions,
                poco_export.points_ledger, poco_export.tombstones
   to poco_migrator;
revoke all on all functions in schema poco_export from public;
grant execute on function poco_export.mi_key(bigint), poco_export.time_quality(timestamp, text), poco_export.park_reason(text, boolean),
                          poco_export.part_starts(text, integer), poco_export.children(text, text, bigint[]),
                          poco_export.census_of(text, bigint, bigint),
                          poco_export.reserve_coupons(bigint[]), poco_export.void_coupons(bigint[], integer[]),
                          poco_export.give_back_coupons(bigint[], integer[]), poco_export.settle_held_coupons(bigint[], bigint[], boolean[]),
                          poco_export.revoke_logins(text[]), poco_export.health(text),
                          poco_export.put_back(text, json, boolean), poco_export.take_away(text, text[], bigint[]),
                          poco_export.bury(bigint[]), poco_export.erase_persons(bigint[]), poco_export.person_keys(bigint[]),
                          poco_export.person_rows(bigint[]), poco_export.person_search(bigint[], text[], text[]),
                          poco_export.search_pages(text, bigint, integer, bigint[], text[])
   to poco_migrator;

grant select on poco_export.scope, poco_export.rules, poco_export.handed_over, poco_export.owed_coupons, poco_export.tombstones to poco_auditor;
grant usage on schema poco to poco_auditor;
-- Column by column: what a card calls personal is shown by the views of 15_audited.sql, of the regions that move; what it calls secret
-- by nothing. So of India's people the auditor has keys, dates and sums (readiness/auditor_reads_no_person.sql holds it).
revoke all on all tables in schema poco from poco_auditor;
grant select on poco.currencies, poco.stores, poco.products, poco.product_prices, poco.order_items, poco.coupon_redemptions to poco_auditor;
grant select (id, region, status, created_at, closed_at)
   on poco.customers to poco_auditor;
grant select (id, region, customer_id, kind, is_default, created_at)
   on poco.addresses to poco_auditor;
grant select (id, region, customer_id, purpose, recorded_at)
   on poco.consents to poco_auditor;
grant select (id, region, customer_id, status, currency, subtotal_minor, discount_minor, shipping_minor, tax_minor, total_minor, coupon_id,
              placed_at, updated_at)
   on poco.orders to poco_auditor;
grant select (id, region, order_id, method, amount_minor, currency, status, paid_at)
   on poco.payments to poco_auditor;
grant select (id, region, payment_id, amount_minor, status, refunded_at)
   on poco.refunds to poco_auditor;
grant select (id, region, order_id, order_item_id, quantity, status, opened_at, closed_at)
   on poco.returns to poco_auditor;
grant select (id, region, order_id, carrier, status, shipped_at, delivered_at)
   on poco.shipments to poco_auditor;
grant select (id, region, shipment_id, sequence_no, code, occurred_at)
   on poco.shipment_events to poco_auditor;
grant select (id, region, product_id, customer_id, rating, replied_at, status, created_at)
   on poco.reviews to poco_auditor;
grant select (id, region, customer_id, order_id, status, opened_at, closed_at)
   on poco.tickets to poco_auditor;
grant select (id, region, ticket_id, author, sent_at)
   on poco.ticket_messages to poco_auditor;
grant select (id, region, customer_id, order_item_id, status, opened_at, resolved_at)
   on poco.warranty_claims to poco_auditor;
grant select (id, region, kind, value_minor, percent, currency, minimum_minor, category, stackable, customer_id, uses_total, uses_left,
              per_customer, status, reserved_order_id, valid_from, valid_until)
   on poco.coupons to poco_auditor;
grant select (id, region, customer_id, kind, state, order_id, expires_at, created_at)
   on poco.points_ledger to poco_auditor;
