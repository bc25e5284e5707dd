-- Control total: money given back by currency, and which refund is of which payment; by POCO's keys.
select upper(o.market) as region, r.currency || ' given back' as bucket, sum(r.amount) as amount
  from mi.refunds r
  join mi.payments p on p.payment_id = r.payment_id
  join mi.orders o on o.order_id = p.order_id
 where r.origin = 'poco'
 group by 1, 2
 union all
select upper(o.market), 'refund times payment', sum((r.refund_id - mi.poco_key(0))::numeric * (r.payment_id - mi.poco_key(0)))
  from mi.refunds r
  join mi.payments p on p.payment_id = r.payment_id
  join mi.orders o on o.order_id = p.order_id
 where r.origin = 'poco'
 group by 1
