-- Purpose: upsert the refunds of migrated payments.

-- Without its payment at POCO a row has no currency, so no amount; mi.com may have that payment still.
insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'payments ' || (s.payment_id - mi.poco_key(0))
  from accepted s
 where s.amount is null
    or not exists (select from mi.payments p join mi.orders o on o.order_id = p.order_id
                    where p.payment_id = s.payment_id and o.market = s.market);

-- Section: delete
delete from mi.refunds t using gone g where t.refund_id = mi.poco_key(g.source_key);

-- Section: upsert
insert into mi.refunds as t (refund_id, payment_id, amount, currency, reason, status, refunded_at, origin)
select refund_id, payment_id, amount, currency, reason, status, refunded_at, 'poco'
  from accepted
    on conflict (refund_id) do update
   set payment_id = excluded.payment_id, amount = excluded.amount, currency = excluded.currency, reason = excluded.reason,
       status = excluded.status, refunded_at = excluded.refunded_at
 where (t.payment_id, t.amount, t.currency, t.reason, t.status, t.refunded_at)
       is distinct from (excluded.payment_id, excluded.amount, excluded.currency, excluded.reason, excluded.status, excluded.refunded_at);
