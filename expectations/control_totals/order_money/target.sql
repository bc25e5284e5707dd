-- Control total: money of orders by currency and status, from mi.com's table in major units. The factors tell the
-- columns apart, so that two swapped columns do not make the same sum.
select upper(o.market) as region, o.currency || ' ' || o.status as bucket,
       sum(o.total + o.subtotal + 7 * o.discount + 11 * o.shipping + 13 * o.tax) as amount
  from mi.orders o
 where o.origin = 'poco'
 group by 1, 2
