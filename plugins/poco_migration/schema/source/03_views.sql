-- Purpose: one view per POCO table, holding only the columns and rows that may cross to mi.com. Not here, so never
--          copied: password hashes, card tokens, coupon codes, app tokens, every row of a region that stays or is held,
--          and every row of an erased person.
-- Order:   none. market and time_zone come along from the scope.
-- Rerun:   safe. The views are security barriers: a reader cannot smuggle a function in front of the region filter.

-- What a row may depend on in another row: that row as the publication tells it. The log says nothing of a region that
-- stays, so a row there counts as missing; else a change of it would change rows here and nobody would hear of it.
-- Who has a tombstone is erased, whatever the table says (02_tombstones.sql).
create or replace view poco_export.published_customers as
select c.id, case when b.customer_id is null then c.status else 3::smallint end as status, b.customer_id is not null as buried
  from poco.customers c
  left join poco_export.tombstones b on b.customer_id = c.id
 where c.region <> all (select region from poco_export.scope where decision = 'stay');
create or replace view poco_export.published_orders as
select o.id, o.currency from poco.orders o where o.region <> all (select region from poco_export.scope where decision = 'stay');
create or replace view poco_export.published_payments as
select p.id, p.currency from poco.payments p where p.region <> all (select region from poco_export.scope where decision = 'stay');
create or replace view poco_export.published_tickets as
select t.id, t.customer_id from poco.tickets t where t.region <> all (select region from poco_export.scope where decision = 'stay');

create or replace view poco_export.stores with (security_barrier) as
select s.id, s.region, s.time_zone, s.currency, s.language, s.domain, s.opened_on, k.market
  from poco.stores s
  join poco_export.scope k on k.region = s.region and k.decision = 'move';

create or replace view poco_export.products with (security_barrier) as
select p.id, p.region, p.sku, p.slug, p.name, p.model, p.category, p.status, p.created_at, p.discontinued_at,
       k.market, k.time_zone
  from poco.products p
  join poco_export.scope k on k.region = p.region and k.decision = 'move';

create or replace view poco_export.product_prices with (security_barrier) as
select r.id, r.region, r.product_id, r.currency, r.amount_minor, r.valid_from, r.valid_to, k.market, k.time_zone
  from poco.product_prices r
  join poco_export.scope k on k.region = r.region and k.decision = 'move';

create or replace view poco_export.customers with (security_barrier) as
select c.id, c.region, c.mi_account_id, c.email, c.email_verified_at, c.phone, c.phone_verified_at, c.full_name,
       c.birth_date, c.locale, c.status, c.note, c.created_at, c.closed_at, k.market, k.time_zone, k.minimum_age
  from poco.customers c
  join poco_export.scope k on k.region = c.region and k.decision = 'move'
 where c.status <> 3
   and not exists (select from poco_export.tombstones b where b.customer_id = c.id);

create or replace view poco_export.addresses with (security_barrier) as
select a.id, a.region, a.customer_id, a.kind, a.payload, a.is_default, a.created_at, k.market, k.time_zone
  from poco.addresses a
  join poco_export.scope k on k.region = a.region and k.decision = 'move'
  left join poco_export.published_customers c on c.id = a.customer_id
 where c.status is distinct from 3;

create or replace view poco_export.consents with (security_barrier) as
select n.id, n.region, n.customer_id, n.purpose, n.granted, n.recorded_at, k.market, k.time_zone
  from poco.consents n
  join poco_export.scope k on k.region = n.region and k.decision = 'move'
  left join poco_export.published_customers c on c.id = n.customer_id
 where c.status is distinct from 3;

-- An order outlives its buyer: the law keeps the sale, so an erased person's order moves without the person.
create or replace view poco_export.orders with (security_barrier) as
select o.id, o.region, o.order_number, o.status, o.currency, o.subtotal_minor, o.discount_minor, o.shipping_minor,
       o.tax_minor, o.total_minor, o.placed_at, o.updated_at, k.market, k.time_zone,
       case when c.status is distinct from 3 then o.customer_id end      as customer_id,
       case when c.status is distinct from 3 then o.guest_email end      as guest_email,
       case when c.status is distinct from 3 then o.guest_phone end      as guest_phone,
       case when c.status is distinct from 3 then o.shipping_address end as shipping_address,
       case when c.status is distinct from 3 then o.note end             as note,
       case when o.customer_id is null then 'guest' when c.status = 3 then 'erased' else 'member' end as buyer
  from poco.orders o
  join poco_export.scope k on k.region = o.region and k.decision = 'move'
  left join poco_export.published_customers c on c.id = o.customer_id;

create or replace view poco_export.order_items with (security_barrier) as
select i.id, i.region, i.order_id, i.product_id, i.sku, i.title, i.quantity, i.unit_minor, i.total_minor,
       o.currency, p.id is not null as product_exists, k.market
  from poco.order_items i
  join poco_export.scope k on k.region = i.region and k.decision = 'move'
  left join poco_export.published_orders o on o.id = i.order_id
  left join poco.products p on p.id = i.product_id and p.region = i.region;

create or replace view poco_export.payments with (security_barrier) as
select p.id, p.region, p.order_id, p.method, p.provider_ref, p.amount_minor, p.currency, p.status, p.paid_at, k.market, k.time_zone
  from poco.payments p
  join poco_export.scope k on k.region = p.region and k.decision = 'move';

create or replace view poco_export.refunds with (security_barrier) as
select r.id, r.region, r.payment_id, r.amount_minor, r.reason, r.status, r.refunded_at, p.currency, k.market, k.time_zone
  from poco.refunds r
  join poco_export.scope k on k.region = r.region and k.decision = 'move'
  left join poco_export.published_payments p on p.id = r.payment_id;

create or replace view poco_export.returns with (security_barrier) as
select r.id, r.region, r.order_item_id, r.quantity, r.reason, r.status, r.opened_at, r.closed_at, k.market, k.time_zone, r.order_id
  from poco.returns r
  join poco_export.scope k on k.region = r.region and k.decision = 'move';

create or replace view poco_export.shipments with (security_barrier) as
select s.id, s.region, s.order_id, s.carrier, s.tracking_number, s.status, s.shipped_at, s.delivered_at, k.market, k.time_zone
  from poco.shipments s
  join poco_export.scope k on k.region = s.region and k.decision = 'move';

create or replace view poco_export.shipment_events with (security_barrier) as
select e.id, e.region, e.shipment_id, e.sequence_no, e.code, e.location, e.occurred_at, k.market, k.time_zone
  from poco.shipment_events e
  join poco_export.scope k on k.region = e.region and k.decision = 'move';

-- A review outlives its author too, without the name; with a tombstone, of the review only the rating is left.
create or replace view poco_export.reviews with (security_barrier) as
select r.id, r.region, r.product_id, r.rating,
       case when c.buried is not true then r.title end                 as title,
       case when c.buried then '' else r.body end                      as body,
       case when c.buried is not true then r.reply end                 as reply,
       r.replied_at,
       case when c.buried then '{}'::text[] else r.photo_keys end      as photo_keys,
       case when c.buried then 3::smallint else r.status end           as status,
       r.created_at, k.market, k.time_zone,
       case when c.status is distinct from 3 then r.customer_id end as customer_id,
       case when c.buried then '{}'::text[] else r.photo_sha256 end    as photo_sha256
  from poco.reviews r
  join poco_export.scope k on k.region = r.region and k.decision = 'move'
  left join poco_export.published_customers c on c.id = r.customer_id;

create or replace view poco_export.tickets with (security_barrier) as
select t.id, t.region, t.customer_id, t.order_id, t.subject, t.status, t.opened_at, t.closed_at, k.market, k.time_zone
  from poco.tickets t
  join poco_export.scope k on k.region = t.region and k.decision = 'move'
  left join poco_export.published_customers c on c.id = t.customer_id
 where c.status is distinct from 3;

create or replace view poco_export.ticket_messages with (security_barrier) as
select m.id, m.region, m.ticket_id, m.author, m.body, m.attachments, m.sent_at, k.market, k.time_zone
  from poco.ticket_messages m
  join poco_export.scope k on k.region = m.region and k.decision = 'move'
  left join poco_export.published_tickets t on t.id = m.ticket_id
  left join poco_export.published_customers c on c.id = t.customer_id
 where c.status is distinct from 3;

create or replace view poco_export.warranty_claims with (security_barrier) as
select w.id, w.region, w.customer_id, w.order_item_id, w.imei, w.description, w.status, w.opened_at, w.resolved_at,
       k.market, k.time_zone
  from poco.warranty_claims w
  join poco_export.scope k on k.region = w.region and k.decision = 'move'
  left join poco_export.published_customers c on c.id = w.customer_id
 where c.status is distinct from 3;

create or replace view poco_export.coupons with (security_barrier) as
select c.id, c.region, c.kind, c.value_minor, c.percent, c.currency, c.minimum_minor, c.category, c.stackable,
       c.customer_id, c.uses_total, c.uses_left, c.per_customer, c.status, c.reserved_order_id, c.valid_from,
       c.valid_until, k.market, k.time_zone
  from poco.coupons c
  join poco_export.scope k on k.region = c.region and k.decision = 'move'
  left join poco_export.published_customers u on u.id = c.customer_id
 where u.status is distinct from 3;

create or replace view poco_export.coupon_redemptions with (security_barrier) as
select r.id, r.region, r.coupon_id, r.order_id, r.amount_minor, r.redeemed_at, o.currency, k.market, k.time_zone
  from poco.coupon_redemptions r
  join poco_export.scope k on k.region = r.region and k.decision = 'move'
  left join poco_export.published_orders o on o.id = r.order_id;

create or replace view poco_export.points_ledger with (security_barrier) as
select l.id, l.region, l.customer_id, l.kind, l.state, l.points, l.order_id, l.expires_at, l.created_at,
       k.market, k.time_zone, k.loyalty
  from poco.points_ledger l
  join poco_export.scope k on k.region = l.region and k.decision = 'move'
  left join poco_export.published_customers c on c.id = l.customer_id
 where c.status is distinct from 3;
