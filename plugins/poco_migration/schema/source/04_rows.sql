-- Purpose: which region every row of every table belongs to, and why a row does not simply move. Keys only.
-- Shape:   poco_export.every_row(entity, source_key, region, reason). Two views stand on it: parked (rows that the views
--          of this schema do not hand out, by key, without any content) and census (row counts by entity and region,
--          India included: the left side of every equation).
-- Rerun:   safe.

create or replace function poco_export.park_reason(decision text, erased boolean) returns text
    language sql immutable parallel safe
    return case when decision = 'stay'  then null          -- counted, never listed
                when decision is null   then 'region_unknown'
                when decision = 'hold'  then 'region_held'
                when erased             then 'person_erased' end;

create or replace view poco_export.every_row as
select 'stores' as entity, t.id as source_key, t.region, poco_export.park_reason(k.decision, false) as reason
  from poco.stores t
  left join poco_export.scope k on k.region = t.region
 union all
select 'products', t.id, t.region, poco_export.park_reason(k.decision, false)
  from poco.products t
  left join poco_export.scope k on k.region = t.region
 union all
select 'product_prices', t.id, t.region, poco_export.park_reason(k.decision, false)
  from poco.product_prices t
  left join poco_export.scope k on k.region = t.region
 union all
select 'customers', t.id, t.region, poco_export.park_reason(k.decision, t.status = 3 or b.customer_id is not null)
  from poco.customers t
  left join poco_export.scope k on k.region = t.region
  left join poco_export.tombstones b on b.customer_id = t.id
 union all
select 'addresses', t.id, t.region, poco_export.park_reason(k.decision, c.status = 3)
  from poco.addresses t
  left join poco_export.scope k on k.region = t.region
  left join poco_export.published_customers c on c.id = t.customer_id
 union all
select 'consents', t.id, t.region, poco_export.park_reason(k.decision, c.status = 3)
  from poco.consents t
  left join poco_export.scope k on k.region = t.region
  left join poco_export.published_customers c on c.id = t.customer_id
 union all
select 'orders', t.id, t.region, poco_export.park_reason(k.decision, false)
  from poco.orders t
  left join poco_export.scope k on k.region = t.region
 union all
select 'order_items', t.id, t.region, poco_export.park_reason(k.decision, false)
  from poco.order_items t
  left join poco_export.scope k on k.region = t.region
 union all
select 'payments', t.id, t.region, poco_export.park_reason(k.decision, false)
  from poco.payments t
  left join poco_export.scope k on k.region = t.region
 union all
select 'refunds', t.id, t.region, poco_export.park_reason(k.decision, false)
  from poco.refunds t
  left join poco_export.scope k on k.region = t.region
 union all
select 'returns', t.id, t.region, poco_export.park_reason(k.decision, false)
  from poco.returns t
  left join poco_export.scope k on k.region = t.region
 union all
select 'shipments', t.id, t.region, poco_export.park_reason(k.decision, false)
  from poco.shipments t
  left join poco_export.scope k on k.region = t.region
 union all
select 'shipment_events', t.id, t.region, poco_export.park_reason(k.decision, false)
  from poco.shipment_events t
  left join poco_export.scope k on k.region = t.region
 union all
select 'reviews', t.id, t.region, poco_export.park_reason(k.decision, false)
  from poco.reviews t
  left join poco_export.scope k on k.region = t.region
 union all
select 'tickets', t.id, t.region, poco_export.park_reason(k.decision, c.status = 3)
  from poco.tickets t
  left join poco_export.scope k on k.region = t.region
  left join poco_export.published_customers c on c.id = t.customer_id
 union all
select 'ticket_messages', t.id, t.region, poco_export.park_reason(k.decision, c.status = 3)
  from poco.ticket_messages t
  left join poco_export.scope k on k.region = t.region
  left join poco_export.published_tickets p on p.id = t.ticket_id
  left join poco_export.published_customers c on c.id = p.customer_id
 union all
select 'warranty_claims', t.id, t.region, poco_export.park_reason(k.decision, c.status = 3)
  from poco.warranty_claims t
  left join poco_export.scope k on k.region = t.region
  left join poco_export.published_customers c on c.id = t.customer_id
 union all
select 'coupons', t.id, t.region, poco_export.park_reason(k.decision, c.status = 3)
  from poco.coupons t
  left join poco_export.scope k on k.region = t.region
  left join poco_export.published_customers c on c.id = t.customer_id
 union all
select 'coupon_redemptions', t.id, t.region, poco_export.park_reason(k.decision, false)
  from poco.coupon_redemptions t
  left join poco_export.scope k on k.region = t.region
 union all
select 'points_ledger', t.id, t.region, poco_export.park_reason(k.decision, c.status = 3)
  from poco.points_ledger t
  left join poco_export.scope k on k.region = t.region
  left join poco_export.published_customers c on c.id = t.customer_id
 union all
select 'app_tokens', t.id, t.region, poco_export.park_reason(k.decision, c.status = 3)
  from poco.app_tokens t
  left join poco_export.scope k on k.region = t.region
  left join poco_export.published_customers c on c.id = t.customer_id;

create or replace view poco_export.parked with (security_barrier) as
select entity, source_key, region, reason
  from poco_export.every_row
 where reason is not null;

create or replace view poco_export.census with (security_barrier) as
select entity, region, count(*) as rows
  from poco_export.every_row
 group by entity, region;
