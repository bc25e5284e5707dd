-- Purpose: what a change in the log must name (replica identity): the key, the region, and every column that other rows'
--          extracts depend on, so that a change of it is told apart from any other. Without the region a row filter on it
--          would make the store's own updates fail.
-- Also:    indexes by which the children of a changed row are found.
-- Run:     statement by statement, outside a transaction; concurrently, so that the store goes on selling.
-- Rerun:   safe.

create unique index concurrently if not exists stores_identity on poco.stores (id, region);
create unique index concurrently if not exists products_identity on poco.products (id, region);
create unique index concurrently if not exists product_prices_identity on poco.product_prices (id, region);
create unique index concurrently if not exists customers_identity on poco.customers (id, region, status);
create unique index concurrently if not exists addresses_identity on poco.addresses (id, region);
create unique index concurrently if not exists consents_identity on poco.consents (id, region);
create unique index concurrently if not exists orders_identity on poco.orders (id, region, currency);
create unique index concurrently if not exists order_items_identity on poco.order_items (id, region);
create unique index concurrently if not exists payments_identity on poco.payments (id, region, currency);
create unique index concurrently if not exists refunds_identity on poco.refunds (id, region);
create unique index concurrently if not exists returns_identity on poco.returns (id, region);
create unique index concurrently if not exists shipments_identity on poco.shipments (id, region);
create unique index concurrently if not exists shipment_events_identity on poco.shipment_events (id, region, shipment_id, sequence_no);
create unique index concurrently if not exists reviews_identity on poco.reviews (id, region);
create unique index concurrently if not exists tickets_identity on poco.tickets (id, region, customer_id);
create unique index concurrently if not exists ticket_messages_identity on poco.ticket_messages (id, region);
create unique index concurrently if not exists warranty_claims_identity on poco.warranty_claims (id, region);
create unique index concurrently if not exists coupons_identity on poco.coupons (id, region);
create unique index concurrently if not exists coupon_redemptions_identity on poco.coupon_redemptions (id, region);
create unique index concurrently if not exists points_ledger_identity on poco.points_ledger (id, region);
create index concurrently if not exists tickets_order            on poco.tickets (order_id);
create index concurrently if not exists returns_order_item       on poco.returns (order_item_id);
create index concurrently if not exists warranty_claims_item     on poco.warranty_claims (order_item_id);
create index concurrently if not exists points_ledger_order      on poco.points_ledger (order_id);
create index concurrently if not exists coupon_redemptions_order on poco.coupon_redemptions (order_id);
alter table poco.stores replica identity using index stores_identity;
alter table poco.products replica identity using index products_identity;
alter table poco.product_prices replica identity using index product_prices_identity;
alter table poco.customers replica identity using index customers_identity;
alter table poco.addresses replica identity using index addresses_identity;
alter table poco.consents replica identity using index consents_identity;
alter table poco.orders replica identity using index orders_identity;
alter table poco.order_items replica identity using index order_items_identity;
alter table poco.payments replica identity using index payments_identity;
alter table poco.refunds replica identity using index refunds_identity;
alter table poco.returns replica identity using index returns_identity;
alter table poco.shipments replica identity using index shipments_identity;
alter table poco.shipment_events replica identity using index shipment_events_identity;
alter table poco.reviews replica identity using index reviews_identity;
alter table poco.tickets replica identity using index tickets_identity;
alter table poco.ticket_messages replica identity using index ticket_messages_identity;
alter table poco.warranty_claims replica identity using index warranty_claims_identity;
alter table poco.coupons replica identity using index coupons_identity;
alter table poco.coupon_redemptions replica identity using index coupon_redemptions_identity;
alter table poco.points_ledger replica identity using index points_ledger_identity;
