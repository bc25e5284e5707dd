-- Control total: what coupons took off orders, by currency.
select upper(o.market) as region, d.currency || ' taken off' as bucket, sum(d.amount) as amount
  from mi.order_discounts d
  join mi.orders o on o.order_id = d.order_id
 where d.origin = 'poco'
 group by 1, 2
