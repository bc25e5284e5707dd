-- Control total: money given back, by currency and status.
select upper(o.market) as region, r.currency || ' ' || r.status as bucket, sum(r.amount) as amount
  from mi.refunds r
  join mi.payments p on p.payment_id = r.payment_id
  join mi.orders o on o.order_id = p.order_id
 where r.origin = 'poco'
 group by 1, 2
