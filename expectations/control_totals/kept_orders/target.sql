-- Control total: money of orders by currency, and which was placed when; by POCO's keys.
select upper(o.market) as region, o.currency || ' of orders' as bucket,
       sum(o.total + o.subtotal + 7 * o.discount + 11 * o.shipping + 13 * o.tax) as amount
  from mi.orders o
 where o.origin = 'poco'
 group by 1, 2
 union all
select upper(o.market), 'orders times second placed', sum((o.order_id - mi.poco_key(0))::numeric * extract(epoch from o.placed_at))
  from mi.orders o
 where o.origin = 'poco'
 group by 1
