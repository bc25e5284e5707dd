-- Purpose: what the archive may hold of POCO's database, in a schema of its own: the original tables without their secret
--          columns, in the regions that move. The archivist reads these views and has no other right.
-- Shape:   the table's columns, and before them `person`: whose row it is, POCO's customer id. A guest's order, and all that
--          hangs on it, is of minus the order's id: nothing says that two orders are one guest's. 0 is a person whom the rows
--          do not name; null is nobody. Personal columns of somebody whom POCO has erased are null.
-- Rerun:   safe. The views are security barriers, as those of 03_views.sql.

create schema if not exists poco_archive;
revoke all on schema poco_archive from public;

-- What a row may hang on. A row of a region that stays counts as missing, so that India's ids are not in the archive either.
create or replace view poco_archive.buyers as
select o.id as order_id, coalesce(o.customer_id, -o.id) as person
  from poco.orders o where o.region <> all (select region from poco_export.scope where decision = 'stay');
create or replace view poco_archive.erased as
select c.id as person from poco.customers c where c.status = 3;

create or replace view poco_archive.stores with (security_barrier) as
select null::bigint as person, t.id, t.region, t.time_zone, t.currency, t.language, t.domain, t.opened_on
  from poco.stores t
  join poco_export.scope k on k.region = t.region and k.decision = 'move';

create or replace view poco_archive.products with (security_barrier) as
select null::bigint as person, t.id, t.region, t.sku, t.slug, t.name, t.model, t.category, t.status, t.created_at, t.discontinued_at
  from poco.products t
  join poco_export.scope k on k.region = t.region and k.decision = 'move';

create or replace view poco_archive.product_prices with (security_barrier) as
select null::bigint as person, t.id, t.region, t.product_id, t.currency, t.amount_minor, t.valid_from, t.valid_to
  from poco.product_prices t
  join poco_export.scope k on k.region = t.region and k.decision = 'move';

create or replace view poco_archive.customers with (security_barrier) as
select t.id as person, t.id, t.region,
       case when t.status <> 3 then t.mi_account_id end as mi_account_id,
       case when t.status <> 3 then t.email end as email,
       case when t.status <> 3 then t.email_verified_at end as email_verified_at,
       case when t.status <> 3 then t.phone end as phone,
       case when t.status <> 3 then t.phone_verified_at end as phone_verified_at,
       case when t.status <> 3 then t.full_name end as full_name,
       case when t.status <> 3 then t.birth_date end as birth_date,
       t.locale, t.status,
       case when t.status <> 3 then t.note end as note,
       t.created_at, t.closed_at, t.erased_at
  from poco.customers t
  join poco_export.scope k on k.region = t.region and k.decision = 'move';

create or replace view poco_archive.addresses with (security_barrier) as
select t.customer_id as person, t.id, t.region, t.customer_id, t.kind,
       case when e.person is null then t.payload end as payload,
       t.is_default, t.created_at
  from poco.addresses t
  join poco_export.scope k on k.region = t.region and k.decision = 'move'
  left join poco_archive.erased e on e.person = t.customer_id;

create or replace view poco_archive.consents with (security_barrier) as
select t.customer_id as person, t.id, t.region, t.customer_id, t.purpose,
       case when e.person is null then t.granted end as granted,
       t.recorded_at
  from poco.consents t
  join poco_export.scope k on k.region = t.region and k.decision = 'move'
  left join poco_archive.erased e on e.person = t.customer_id;

create or replace view poco_archive.orders with (security_barrier) as
select coalesce(t.customer_id, -t.id) as person, t.id, t.region,
       case when e.person is null then t.order_number end as order_number,
       t.customer_id,
       case when e.person is null then t.guest_email end as guest_email,
       case when e.person is null then t.guest_phone end as guest_phone,
       t.status, t.currency, t.subtotal_minor, t.discount_minor, t.shipping_minor, t.tax_minor, t.total_minor, t.coupon_id,
       case when e.person is null then t.shipping_address end as shipping_address,
       case when e.person is null then t.note end as note,
       t.placed_at, t.updated_at
  from poco.orders t
  join poco_export.scope k on k.region = t.region and k.decision = 'move'
  left join poco_archive.erased e on e.person = t.customer_id;

create or replace view poco_archive.order_items with (security_barrier) as
select coalesce(b.person, 0) as person, t.id, t.region, t.order_id, t.product_id, t.sku, t.title, t.quantity, t.unit_minor, t.total_minor
  from poco.order_items t
  join poco_export.scope k on k.region = t.region and k.decision = 'move'
  left join poco_archive.buyers b on b.order_id = t.order_id;

create or replace view poco_archive.payments with (security_barrier) as
select coalesce(b.person, 0) as person, t.id, t.region, t.order_id, t.method,
       case when e.person is null then t.provider_ref end as provider_ref,
       t.amount_minor, t.currency, t.status, t.paid_at
  from poco.payments t
  join poco_export.scope k on k.region = t.region and k.decision = 'move'
  left join poco_archive.buyers b on b.order_id = t.order_id
  left join poco_archive.erased e on e.person = b.person;

create or replace view poco_archive.refunds with (security_barrier) as
select coalesce(b.person, 0) as person, t.id, t.region, t.payment_id, t.amount_minor,
       case when e.person is null then t.reason end as reason,
       t.status, t.refunded_at
  from poco.refunds t
  join poco_export.scope k on k.region = t.region and k.decision = 'move'
  left join poco.payments p on p.id = t.payment_id
  left join poco_archive.buyers b on b.order_id = p.order_id
  left join poco_archive.erased e on e.person = b.person;

create or replace view poco_archive.returns with (security_barrier) as
select coalesce(b.person, 0) as person, t.id, t.region, t.order_id, t.order_item_id, t.quantity,
       case when e.person is null then t.reason end as reason,
       t.status, t.opened_at, t.closed_at
  from poco.returns t
  join poco_export.scope k on k.region = t.region and k.decision = 'move'
  left join poco_archive.buyers b on b.order_id = t.order_id
  left join poco_archive.erased e on e.person = b.person;

create or replace view poco_archive.shipments with (security_barrier) as
select coalesce(b.person, 0) as person, t.id, t.region, t.order_id, t.carrier,
       case when e.person is null then t.tracking_number end as tracking_number,
       t.status, t.shipped_at, t.delivered_at
  from poco.shipments t
  join poco_export.scope k on k.region = t.region and k.decision = 'move'
  left join poco_archive.buyers b on b.order_id = t.order_id
  left join poco_archive.erased e on e.person = b.person;

create or replace view poco_archive.shipment_events with (security_barrier) as
select coalesce(b.person, 0) as person, t.id, t.region, t.shipment_id, t.sequence_no, t.code,
       case when e.person is null then t.location end as location,
       t.occurred_at
  from poco.shipment_events t
  join poco_export.scope k on k.region = t.region and k.decision = 'move'
  left join poco.shipments s on s.id = t.shipment_id
  left join poco_archive.buyers b on b.order_id = s.order_id
  left join poco_archive.erased e on e.person = b.person;

create or replace view poco_archive.reviews with (security_barrier) as
select t.customer_id as person, t.id, t.region, t.product_id, t.customer_id, t.rating,
       case when e.person is null then t.title end as title,
       case when e.person is null then t.body end as body,
       case when e.person is null then t.reply end as reply,
       t.replied_at,
       case when e.person is null then t.photo_keys end as photo_keys,
       case when e.person is null then t.photo_sha256 end as photo_sha256,
       t.status, t.created_at
  from poco.reviews t
  join poco_export.scope k on k.region = t.region and k.decision = 'move'
  left join poco_archive.erased e on e.person = t.customer_id;

create or replace view poco_archive.tickets with (security_barrier) as
select t.customer_id as person, t.id, t.region, t.customer_id, t.order_id,
       case when e.person is null then t.subject end as subject,
       t.status, t.opened_at, t.closed_at
  from poco.tickets t
  join poco_export.scope k on k.region = t.region and k.decision = 'move'
  left join poco_archive.erased e on e.person = t.customer_id;

create or replace view poco_archive.ticket_messages with (security_barrier) as
select coalesce(p.customer_id, 0) as person, t.id, t.region, t.ticket_id, t.author,
       case when e.person is null then t.body end as body,
       case when e.person is null then t.attachments end as attachments,
       t.sent_at
  from poco.ticket_messages t
  join poco_export.scope k on k.region = t.region and k.decision = 'move'
  left join poco_export.published_tickets p on p.id = t.ticket_id
  left join poco_archive.erased e on e.person = p.customer_id;

create or replace view poco_archive.warranty_claims with (security_barrier) as
select t.customer_id as person, t.id, t.region, t.customer_id, t.order_item_id,
       case when e.person is null then t.imei end as imei,
       case when e.person is null then t.description end as description,
       t.status, t.opened_at, t.resolved_at
  from poco.warranty_claims t
  join poco_export.scope k on k.region = t.region and k.decision = 'move'
  left join poco_archive.erased e on e.person = t.customer_id;

create or replace view poco_archive.coupons with (security_barrier) as
select t.customer_id as person, t.id, t.region, t.kind, t.value_minor, t.percent, t.currency, t.minimum_minor, t.category, t.stackable,
       t.customer_id, t.uses_total, t.uses_left, t.per_customer, t.status, t.reserved_order_id, t.valid_from, t.valid_until
  from poco.coupons t
  join poco_export.scope k on k.region = t.region and k.decision = 'move';

create or replace view poco_archive.coupon_redemptions with (security_barrier) as
select coalesce(t.customer_id, b.person, 0) as person, t.id, t.region, t.coupon_id, t.order_id, t.customer_id, t.amount_minor, t.redeemed_at
  from poco.coupon_redemptions t
  join poco_export.scope k on k.region = t.region and k.decision = 'move'
  left join poco_archive.buyers b on b.order_id = t.order_id;

create or replace view poco_archive.points_ledger with (security_barrier) as
select t.customer_id as person, t.id, t.region, t.customer_id, t.kind, t.state,
       case when e.person is null then t.points end as points,
       t.order_id, t.expires_at, t.created_at
  from poco.points_ledger t
  join poco_export.scope k on k.region = t.region and k.decision = 'move'
  left join poco_archive.erased e on e.person = t.customer_id;

create or replace view poco_archive.app_tokens with (security_barrier) as
select t.customer_id as person, t.id, t.region, t.customer_id,
       case when e.person is null then t.device end as device,
       t.created_at, t.last_seen_at, t.revoked_at
  from poco.app_tokens t
  join poco_export.scope k on k.region = t.region and k.decision = 'move'
  left join poco_archive.erased e on e.person = t.customer_id;

grant usage on schema poco_archive to poco_archivist;
grant select on all tables in schema poco_archive to poco_archivist;
-- What the views are made of; the archivist has no use for it.
revoke all on poco_archive.buyers, poco_archive.erased from poco_archivist;
