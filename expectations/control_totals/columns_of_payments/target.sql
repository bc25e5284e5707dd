-- Control total: every column of payments, and of which order each is, each summed by itself with the key; by POCO's keys.
select p.payment_id - mi.poco_key(0) as key, upper(o.market) as region, p.order_id - mi.poco_key(0) as purchase, p.method, p.provider_ref, p.amount,
       p.currency, p.status, p.paid_at as paid
  from mi.payments p
  join mi.orders o on o.order_id = p.order_id
 where p.origin = 'poco'
