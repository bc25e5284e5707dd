-- Purpose: what a change in the log must name (replica identity): the key, the region, and every column that other rows'
--          extracts depend on, so that a change of it is told apart from any other. Without the region a row filter on it
--          would make the store's own updates fail.
-- Also:    indexes by which the children of a changed row are found.
-- Run:     statement by statement, outside a transaction; concurrently, so that the store goes on selling.
-- Rerun:   safe.

-- Section: stores_identity
create unique index concurrently if not exists stores_identity on poco.stores (id, region);
-- Section: products_identity
create unique index concurrently if not exists products_identity on poco.products (id, region);
-- Section: product_prices_identity
create unique index concurrently if not exists product_prices_identity on poco.product_prices (id, region);
-- Section: customers_identity
create unique index concurrently if not exists customers_identity on poco.customers (id, region, status);
-- Section: addresses_identity
create unique index concurrently if not exists addresses_identity on poco.addresses (id, region);
-- Section: consents_identity
create unique index concurrently if not exists consents_identity on poco.consents (id, region);
-- Section: orders_identity
create unique index concurrently if not exists orders_identity on poco.orders (id, region, currency);
-- Section: order_items_identity
create unique index concurrently if not exists order_items_identity on poco.order_items (id, region);
-- Section: payments_identity
create unique index concurrently if not exists payments_identity on poco.payments (id, region, currency);
-- Section: refunds_identity
create unique index concurrently if not exists refunds_identity on poco.refunds (id, region);
-- Section: returns_identity
create unique index concurrently if not exists returns_identity on poco.returns (id, region);
-- Section: shipments_identity
create unique index concurrently if not exists shipments_identity on poco.shipments (id, region);
-- Section: shipment_events_identity
create unique index concurrently if not exists shipment_events_identity on poco.shipment_events (id, region, shipment_id, sequence_no);
-- Section: reviews_identity
create unique index concurrently if not exists reviews_identity on poco.reviews (id, region);
-- Section: tickets_identity
create unique index concurrently if not exists tickets_identity on poco.tickets (id, region, customer_id);
-- Section: ticket_messages_identity
create unique index concurrently if not exists ticket_messages_identity on poco.ticket_messages (id, region);
-- Section: warranty_claims_identity
create unique index concurrently if not exists warranty_claims_identity on poco.warranty_claims (id, region);
-- Section: coupons_identity
create unique index concurrently if not exists coupons_identity on poco.coupons (id, region);
-- Section: coupon_redemptions_identity
create unique index concurrently if not exists coupon_redemptions_identity on poco.coupon_redemptions (id, region);
-- Section: points_ledger_identity
create unique index concurrently if not exists points_ledger_identity on poco.points_ledger (id, region);
-- Section: tickets_order
create index concurrently if not exists tickets_order            on poco.tickets (order_id);
-- Section: returns_order_item
create index concurrently if not exists returns_order_item       on poco.returns (order_item_id);
-- Section: warranty_claims_item
create index concurrently if not exists warranty_claims_item     on poco.warranty_claims (order_item_id);
-- Section: points_ledger_order
create index concurrently if not exists points_ledger_order      on poco.points_ledger (order_id);
-- Section: coupon_redemptions_order
create index concurrently if not exists coupon_redemptions_order on poco.coupon_redemptions (order_id);
-- Section: stores
alter table poco.stores replica identity using index stores_identity;
-- Section: products
alter table poco.products replica identity using index products_identity;
-- Section: product_prices
alter table poco.product_prices replica identity using index product_prices_identity;
-- Section: customers
alter table poco.customers replica identity using index customers_identity;
-- Section: addresses
alter table poco.addresses replica identity using index addresses_identity;
-- Section: consents
alter table poco.consents replica identity using index consents_identity;
-- Section: orders
alter table poco.orders replica identity using index orders_identity;
-- Section: order_items
alter table poco.order_items replica identity using index order_items_identity;
-- Section: payments
alter table poco.payments replica identity using index payments_identity;
-- Section: refunds
alter table poco.refunds replica identity using index refunds_identity;
-- Section: returns
alter table poco.returns replica identity using index returns_identity;
-- Section: shipments
alter table poco.shipments replica identity using index shipments_identity;
-- Section: shipment_events
alter table poco.shipment_events replica identity using index shipment_events_identity;
-- Section: reviews
alter table poco.reviews replica identity using index reviews_identity;
-- Section: tickets
alter table poco.tickets replica identity using index tickets_identity;
-- Section: ticket_messages
alter table poco.ticket_messages replica identity using index ticket_messages_identity;
-- Section: warranty_claims
alter table poco.warranty_claims replica identity using index warranty_claims_identity;
-- Section: coupons
alter table poco.coupons replica identity using index coupons_identity;
-- Section: coupon_redemptions
alter table poco.coupon_redemptions replica identity using index coupon_redemptions_identity;
-- Section: points_ledger
alter table poco.points_ledger replica identity using index points_ledger_identity;
