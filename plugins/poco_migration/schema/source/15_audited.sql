-- Purpose: what the auditors compare of the tables whose rows hold secrets or name persons: the columns as they stand
--          in the table, without a secret, of the regions that move. Nothing is computed here, and no row of India is shown.
-- Rerun:   safe. The auditors see every row's key and status in the tables themselves, so a row that is hidden here is missed.

create or replace view poco_export.audited_customers with (security_barrier) as
select c.id, c.region, c.mi_account_id, c.email, c.email_verified_at, c.phone, c.phone_verified_at, c.full_name, c.birth_date, c.locale,
       c.status, c.note, c.created_at, c.closed_at
  from poco.customers c
 where c.region in (select region from poco_export.scope where decision = 'move');

create or replace view poco_export.audited_payments with (security_barrier) as
select p.id, p.region, p.order_id, p.method, p.provider_ref, p.amount_minor, p.currency, p.status, p.paid_at
  from poco.payments p
 where p.region in (select region from poco_export.scope where decision = 'move');

create or replace view poco_export.audited_addresses with (security_barrier) as
select t.id, t.region, t.customer_id, t.kind, t.payload, t.is_default, t.created_at
  from poco.addresses t
 where t.region in (select region from poco_export.scope where decision = 'move');

create or replace view poco_export.audited_consents with (security_barrier) as
select t.id, t.region, t.customer_id, t.purpose, t.granted, t.recorded_at
  from poco.consents t
 where t.region in (select region from poco_export.scope where decision = 'move');

create or replace view poco_export.audited_orders with (security_barrier) as
select t.id, t.region, t.order_number, t.customer_id, t.guest_email, t.guest_phone, t.status, t.currency, t.subtotal_minor,
       t.discount_minor, t.shipping_minor, t.tax_minor, t.total_minor, t.coupon_id, t.shipping_address, t.note, t.placed_at, t.updated_at
  from poco.orders t
 where t.region in (select region from poco_export.scope where decision = 'move');

create or replace view poco_export.audited_refunds with (security_barrier) as
select t.id, t.region, t.payment_id, t.amount_minor, t.reason, t.status, t.refunded_at
  from poco.refunds t
 where t.region in (select region from poco_export.scope where decision = 'move');

create or replace view poco_export.audited_returns with (security_barrier) as
select t.id, t.region, t.order_id, t.order_item_id, t.quantity, t.reason, t.status, t.opened_at, t.closed_at
  from poco.returns t
 where t.region in (select region from poco_export.scope where decision = 'move');

create or replace view poco_export.audited_shipments with (security_barrier) as
select t.id, t.region, t.order_id, t.carrier, t.tracking_number, t.status, t.shipped_at, t.delivered_at
  from poco.shipments t
 where t.region in (select region from poco_export.scope where decision = 'move');

create or replace view poco_export.audited_shipment_events with (security_barrier) as
select t.id, t.region, t.shipment_id, t.sequence_no, t.code, t.location, t.occurred_at
  from poco.shipment_events t
 where t.region in (select region from poco_export.scope where decision = 'move');

create or replace view poco_export.audited_reviews with (security_barrier) as
select t.id, t.region, t.product_id, t.customer_id, t.rating, t.title, t.body, t.reply, t.replied_at, t.photo_keys, t.photo_sha256,
       t.status, t.created_at
  from poco.reviews t
 where t.region in (select region from poco_export.scope where decision = 'move');

create or replace view poco_export.audited_tickets with (security_barrier) as
select t.id, t.region, t.customer_id, t.order_id, t.subject, t.status, t.opened_at, t.closed_at
  from poco.tickets t
 where t.region in (select region from poco_export.scope where decision = 'move');

create or replace view poco_export.audited_ticket_messages with (security_barrier) as
select t.id, t.region, t.ticket_id, t.author, t.body, t.attachments, t.sent_at
  from poco.ticket_messages t
 where t.region in (select region from poco_export.scope where decision = 'move');

create or replace view poco_export.audited_warranty_claims with (security_barrier) as
select t.id, t.region, t.customer_id, t.order_item_id, t.imei, t.description, t.status, t.opened_at, t.resolved_at
  from poco.warranty_claims t
 where t.region in (select region from poco_export.scope where decision = 'move');

create or replace view poco_export.audited_points_ledger with (security_barrier) as
select t.id, t.region, t.customer_id, t.kind, t.state, t.points, t.order_id, t.expires_at, t.created_at
  from poco.points_ledger t
 where t.region in (select region from poco_export.scope where decision = 'move');

grant select on poco_export.audited_customers, poco_export.audited_payments, poco_export.audited_addresses, poco_export.audited_consents,
                poco_export.audited_orders, poco_export.audited_refunds, poco_export.audited_returns, poco_export.audited_shipments,
                poco_export.audited_shipment_events, poco_export.audited_reviews, poco_export.audited_tickets, poco_export.audited_ticket_messages,
                poco_export.audited_warranty_claims, poco_export.audited_points_ledger
   to poco_auditor;
