-- Control total: money and pieces of order lines by currency.
select upper(o.market) as region, o.currency || ' lines' as bucket, sum(l.total + 3 * l.unit_price) + sum(l.quantity) as amount
  from mi.order_lines l
  join mi.orders o on o.order_id = l.order_id
 where l.origin = 'poco'
 group by 1, 2
