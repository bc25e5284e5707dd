-- Control total: every column of refunds, and of which payment each is, each summed by itself with the key; by POCO's keys.
select r.refund_id - mi.poco_key(0) as key, upper(o.market) as region, r.payment_id - mi.poco_key(0) as payment, r.amount, r.currency, r.reason,
       r.status, r.refunded_at as refunded
  from mi.refunds r
  join mi.payments p on p.payment_id = r.payment_id
  join mi.orders o on o.order_id = p.order_id
 where r.origin = 'poco'
