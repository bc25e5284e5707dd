-- Purpose: upsert the payments of migrated orders.

insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'orders ' || (s.order_id - mi.poco_key(0))
  from accepted s
 where not exists (select from mi.orders o where o.order_id = s.order_id and o.market = s.market);

-- Section: delete
delete from mi.payments t using gone g where t.payment_id = mi.poco_key(g.source_key);

-- Section: upsert
insert into mi.payments as t (payment_id, order_id, method, provider_ref, amount, currency, status, paid_at, origin)
select payment_id, order_id, method, provider_ref, amount, currency, status, paid_at, 'poco'
  from accepted
    on conflict (payment_id) do update
   set order_id = excluded.order_id, method = excluded.method, provider_ref = excluded.provider_ref, amount = excluded.amount,
       currency = excluded.currency, status = excluded.status, paid_at = excluded.paid_at
 where (t.order_id, t.method, t.provider_ref, t.amount, t.currency, t.status, t.paid_at)
       is distinct from
       (excluded.order_id, excluded.method, excluded.provider_ref, excluded.amount, excluded.currency, excluded.status, excluded.paid_at);
