-- Purpose: the indexes POCO's programs rely on; built after the generator has filled the tables.

create unique index products_region_sku       on poco.products (region, sku);
create        index product_prices_product    on poco.product_prices (product_id);
create        index customers_email           on poco.customers (lower(email));
create        index addresses_customer        on poco.addresses (customer_id);
create        index consents_customer         on poco.consents (customer_id);
create        index orders_customer           on poco.orders (customer_id);
create unique index orders_number             on poco.orders (region, order_number);
create        index order_items_order         on poco.order_items (order_id);
create        index order_items_product       on poco.order_items (product_id);
create        index payments_order            on poco.payments (order_id);
create        index refunds_payment           on poco.refunds (payment_id);
create        index returns_order             on poco.returns (order_id);
create        index shipments_order           on poco.shipments (order_id);
create        index shipment_events_shipment  on poco.shipment_events (shipment_id);
create        index reviews_product           on poco.reviews (product_id);
create        index reviews_customer          on poco.reviews (customer_id);
create        index tickets_customer          on poco.tickets (customer_id);
create        index ticket_messages_ticket    on poco.ticket_messages (ticket_id);
create        index warranty_claims_customer  on poco.warranty_claims (customer_id);
create        index coupons_customer          on poco.coupons (customer_id);
create unique index coupons_code              on poco.coupons (region, code);
create        index coupon_redemptions_coupon on poco.coupon_redemptions (coupon_id);
create        index points_ledger_customer    on poco.points_ledger (customer_id);
create        index app_tokens_customer       on poco.app_tokens (customer_id);
