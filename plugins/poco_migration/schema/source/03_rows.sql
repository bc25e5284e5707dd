-- Purpose: which region every row of every table belongs to, and why a row does not simply move. Keys only.
-- Shape:   poco_export.every_row(entity, source_key, region, reason); region is UNKNOWN where the parent is gone.
--          Two views stand on it: parked (rows to be put in quarantine or left out, by key, without any content) and
--          census (row counts by entity and region, India included: the left side of every equation).
-- Rerun:   safe.

create or replace function poco_export.park_reason(decision text, parent_found boolean, erased boolean) returns text
    language sql immutable parallel safe
    return case when decision = 'stay'  then null          -- counted, never listed
                when not parent_found   then 'parent_missing'
                when decision is null   then 'region_unknown'
                when decision = 'hold'  then 'region_held'
                when erased             then 'person_erased' end;

create or replace view poco_export.every_row as
select 'stores' as entity, s.id as source_key, s.region,
       poco_export.park_reason(k.decision, true, false) as reason
  from poco.stores s left join poco_export.scope k on k.region = s.region
union all
select 'products', p.id, p.region, poco_export.park_reason(k.decision, true, false)
  from poco.products p left join poco_export.scope k on k.region = p.region
union all
select 'product_prices', r.id, coalesce(p.region, 'UNKNOWN'), poco_export.park_reason(k.decision, p.id is not null, false)
  from poco.product_prices r left join poco.products p on p.id = r.product_id
  left join poco_export.scope k on k.region = p.region
union all
select 'customers', c.id, c.region, poco_export.park_reason(k.decision, true, c.status = 3)
  from poco.customers c left join poco_export.scope k on k.region = c.region
union all
select 'addresses', a.id, coalesce(c.region, 'UNKNOWN'), poco_export.park_reason(k.decision, c.id is not null, c.status = 3)
  from poco.addresses a left join poco.customers c on c.id = a.customer_id
  left join poco_export.scope k on k.region = c.region
union all
select 'consents', n.id, coalesce(c.region, 'UNKNOWN'), poco_export.park_reason(k.decision, c.id is not null, c.status = 3)
  from poco.consents n left join poco.customers c on c.id = n.customer_id
  left join poco_export.scope k on k.region = c.region
union all
select 'orders', o.id, o.region, poco_export.park_reason(k.decision, true, false)
  from poco.orders o left join poco_export.scope k on k.region = o.region
union all
select 'order_items', i.id, coalesce(o.region, 'UNKNOWN'), poco_export.park_reason(k.decision, o.id is not null, false)
  from poco.order_items i left join poco.orders o on o.id = i.order_id
  left join poco_export.scope k on k.region = o.region
union all
select 'payments', p.id, coalesce(o.region, 'UNKNOWN'), poco_export.park_reason(k.decision, o.id is not null, false)
  from poco.payments p left join poco.orders o on o.id = p.order_id
  left join poco_export.scope k on k.region = o.region
union all
select 'refunds', r.id, coalesce(o.region, 'UNKNOWN'), poco_export.park_reason(k.decision, o.id is not null, false)
  from poco.refunds r left join poco.payments p on p.id = r.payment_id left join poco.orders o on o.id = p.order_id
  left join poco_export.scope k on k.region = o.region
union all
select 'returns', r.id, coalesce(o.region, 'UNKNOWN'), poco_export.park_reason(k.decision, o.id is not null, false)
  from poco.returns r left join poco.orders o on o.id = r.order_id
  left join poco_export.scope k on k.region = o.region
union all
select 'shipments', s.id, coalesce(o.region, 'UNKNOWN'), poco_export.park_reason(k.decision, o.id is not null, false)
  from poco.shipments s left join poco.orders o on o.id = s.order_id
  left join poco_export.scope k on k.region = o.region
union all
select 'shipment_events', e.id, coalesce(o.region, 'UNKNOWN'), poco_export.park_reason(k.decision, o.id is not null, false)
  from poco.shipment_events e left join poco.shipments s on s.id = e.shipment_id left join poco.orders o on o.id = s.order_id
  left join poco_export.scope k on k.region = o.region
union all
select 'reviews', r.id, r.region, poco_export.park_reason(k.decision, true, false)
  from poco.reviews r left join poco_export.scope k on k.region = r.region
union all
select 'tickets', t.id, t.region, poco_export.park_reason(k.decision, c.id is not null, c.status = 3)
  from poco.tickets t left join poco.customers c on c.id = t.customer_id
  left join poco_export.scope k on k.region = t.region
union all
select 'ticket_messages', m.id, coalesce(t.region, 'UNKNOWN'), poco_export.park_reason(k.decision, c.id is not null, c.status = 3)
  from poco.ticket_messages m left join poco.tickets t on t.id = m.ticket_id left join poco.customers c on c.id = t.customer_id
  left join poco_export.scope k on k.region = t.region
union all
select 'warranty_claims', w.id, w.region, poco_export.park_reason(k.decision, c.id is not null, c.status = 3)
  from poco.warranty_claims w left join poco.customers c on c.id = w.customer_id
  left join poco_export.scope k on k.region = w.region
union all
select 'coupons', c.id, c.region, poco_export.park_reason(k.decision, true, u.status = 3)
  from poco.coupons c left join poco.customers u on u.id = c.customer_id
  left join poco_export.scope k on k.region = c.region
union all
select 'coupon_redemptions', r.id, coalesce(o.region, 'UNKNOWN'), poco_export.park_reason(k.decision, o.id is not null, false)
  from poco.coupon_redemptions r left join poco.orders o on o.id = r.order_id
  left join poco_export.scope k on k.region = o.region
union all
select 'points_ledger', l.id, coalesce(c.region, 'UNKNOWN'), poco_export.park_reason(k.decision, c.id is not null, c.status = 3)
  from poco.points_ledger l left join poco.customers c on c.id = l.customer_id
  left join poco_export.scope k on k.region = c.region
union all
select 'app_tokens', t.id, coalesce(c.region, 'UNKNOWN'), poco_export.park_reason(k.decision, c.id is not null, c.status = 3)
  from poco.app_tokens t left join poco.customers c on c.id = t.customer_id
  left join poco_export.scope k on k.region = c.region;

create or replace view poco_export.parked with (security_barrier) as
select entity, source_key, region, reason
  from poco_export.every_row
 where reason is not null;

create or replace view poco_export.census with (security_barrier) as
select entity, region, count(*) as rows
  from poco_export.every_row
 group by entity, region;
