-- Purpose: the least the migration needs on POCO's side. The migrator reads the views; the auditor reads the original
--          tables, without the columns nobody may have, so that control totals do not depend on the views.
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
grant select on poco.stores, poco.currencies, poco.products, poco.product_prices, poco.addresses, poco.consents,
                poco.orders, poco.order_items, poco.refunds, poco.returns, poco.shipments, poco.shipment_events,
                poco.reviews, poco.tickets, poco.ticket_messages, poco.warranty_claims, poco.coupon_redemptions,
                poco.points_ledger
   to poco_auditor;
grant select (id, region, mi_account_id, email_verified_at, phone_verified_at, birth_date, status, created_at, closed_at)
   on poco.customers to poco_auditor;
grant select (id, region, order_id, method, amount_minor, currency, status, paid_at) on poco.payments to poco_auditor;
grant select (id, region, kind, value_minor, percent, currency, minimum_minor, category, stackable, customer_id, uses_total, uses_left,
              per_customer, status, reserved_order_id, valid_from, valid_until) on poco.coupons to poco_auditor;
