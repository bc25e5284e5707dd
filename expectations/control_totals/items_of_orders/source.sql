-- Control total: items, the orders that have any, and which item is under which order. Entity: order_items
-- Lasting: what was sold was sold. A product of keys tells an item under another order.
with child as (
select i.region, i.id, i.order_id as parent
  from poco.order_items i
 where i.id not in (select source_key from aside))
select region, 'items' as bucket, count(*)::numeric as amount from child group by region
 union all
select region, 'orders with items', count(distinct parent)::numeric from child group by region
 union all
select region, 'item times order', sum(id::numeric * parent) from child group by region
