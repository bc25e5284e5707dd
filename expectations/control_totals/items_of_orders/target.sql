-- Control total: order lines, the orders that have any, and which line is under which order; by POCO's keys.
with child as (
select upper(o.market) as region, l.line_id - mi.poco_key(0) as id, l.order_id - mi.poco_key(0) as parent
  from mi.order_lines l
  join mi.orders o on o.order_id = l.order_id
 where l.origin = 'poco')
select region, 'items' as bucket, count(*)::numeric as amount from child group by region
 union all
select region, 'orders with items', count(distinct parent)::numeric from child group by region
 union all
select region, 'item times order', sum(id::numeric * parent) from child group by region
