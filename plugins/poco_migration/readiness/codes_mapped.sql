-- Side: source
-- Demanded: every status, kind and code in use has a meaning at mi.com (single bad rows of a region go to quarantine; see assess.single_rows)
-- Next: Give the named codes a meaning in the entity's extract.sql together with the data owner, and here, then clear this task.
-- The codes that mean something are those of the extracts (tests/engine/prepare/test_readiness.py compares them).
with used (entity, name, region, code, rows) as (
    select 'customers', 'status', region, status::text, count(*) from poco.customers where status <> 3 group by 3, 4
     union all select 'products', 'status', region, status::text, count(*) from poco.products group by 3, 4
     union all select 'orders', 'status', region, status::text, count(*) from poco.orders group by 3, 4
     union all select 'payments', 'status', region, status::text, count(*) from poco.payments group by 3, 4
     union all select 'payments', 'method', region, method, count(*) from poco.payments group by 3, 4
     union all select 'refunds', 'status', region, status::text, count(*) from poco.refunds group by 3, 4
     union all select 'returns', 'status', region, status::text, count(*) from poco.returns group by 3, 4
     union all select 'shipments', 'status', region, status::text, count(*) from poco.shipments group by 3, 4
     union all select 'shipment_events', 'code', region, code, count(*) from poco.shipment_events group by 3, 4
     union all select 'reviews', 'status', region, status::text, count(*) from poco.reviews group by 3, 4
     union all select 'tickets', 'status', region, status::text, count(*) from poco.tickets group by 3, 4
     union all select 'ticket_messages', 'author', region, author, count(*) from poco.ticket_messages group by 3, 4
     union all select 'warranty_claims', 'status', region, status::text, count(*) from poco.warranty_claims group by 3, 4
     union all select 'coupons', 'status', region, status::text, count(*) from poco.coupons group by 3, 4
     union all select 'coupons', 'kind', region, kind::text, count(*) from poco.coupons group by 3, 4
     union all select 'consents', 'purpose', region, purpose, count(*) from poco.consents group by 3, 4
     union all select 'points_ledger', 'kind', region, kind, count(*) from poco.points_ledger group by 3, 4
     union all select 'points_ledger', 'state', region, state, count(*) from poco.points_ledger group by 3, 4
     union all select 'addresses', 'kind', region, kind, count(*) from poco.addresses group by 3, 4
),
meant (entity, name, codes) as (
    values ('customers', 'status', array['1', '2']),
           ('products', 'status', array['1', '2', '3']),
           ('orders', 'status', array['10', '20', '30', '40', '50', '60', '70']),
           ('payments', 'status', array['1', '2', '3', '4']),
           ('payments', 'method', array['card', 'paypal', 'transfer', 'cod']),
           ('refunds', 'status', array['1', '2', '3']),
           ('returns', 'status', array['1', '2', '3', '4']),
           ('shipments', 'status', array['1', '2', '3', '4']),
           ('shipment_events', 'code', array['accepted', 'departed', 'arrived', 'out_for_delivery', 'delivered', 'exception']),
           ('reviews', 'status', array['1', '2', '3']),
           ('tickets', 'status', array['1', '2', '3', '4']),
           ('ticket_messages', 'author', array['customer', 'agent']),
           ('warranty_claims', 'status', array['1', '2', '3', '4']),
           ('coupons', 'status', array['1', '2', '3', '4', '5', '6']),
           ('coupons', 'kind', array['1', '2', '3']),
           ('consents', 'purpose', array['newsletter', 'profiling', 'sms']),
           ('points_ledger', 'kind', array['earned', 'spent', 'expired', 'reversed', 'adjusted']),
           ('points_ledger', 'state', array['pending', 'posted']),
           ('addresses', 'kind', array['shipping', 'billing'])
),
unknown as (
    select u.entity || '.' || u.name as what, u.region, case when u.code ~ '^[A-Za-z0-9_-]{1,30}$' then u.code else 'a text' end as code, u.rows
      from used u
      join meant m using (entity, name)
     where u.code <> all (m.codes)
),
counted as (
    select region, what, sum(rows) as rows, string_agg(distinct code, ' ' order by code) as codes from unknown group by region, what
)
select r.region, coalesce(left(string_agg(c.rows || ' rows in ' || c.what || ' ' || c.codes, ', ' order by c.rows desc, c.what), 1000), 'all known') as measured,
       coalesce(max(c.rows), 0) <= current_setting('migration.single_rows')::integer as ok
  from unnest(string_to_array(current_setting('migration.moving'), ',')) r (region)
  left join counted c on c.region = r.region
 group by r.region
