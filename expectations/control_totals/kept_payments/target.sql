-- Control total: money of payments by currency, and which payment is of which order; by POCO's keys.
select upper(o.market) as region, p.currency || ' paid' as bucket, sum(p.amount) as amount
  from mi.payments p
  join mi.orders o on o.order_id = p.order_id
 where p.origin = 'poco'
 group by 1, 2
 union all
select upper(o.market), 'payment times order', sum((p.payment_id - mi.poco_key(0))::numeric * (p.order_id - mi.poco_key(0)))
  from mi.payments p
  join mi.orders o on o.order_id = p.order_id
 where p.origin = 'poco'
 group by 1
