-- Purpose: how many order lines are kept back with a reason that POCO's own table bears out.
select i.region, a.reason, count(*) as rows
  from aside a
  join poco.order_items i on i.id = a.source_key
  left join poco.orders o on o.id = i.order_id
 where case a.reason
         when 'currency_unknown' then not exists (select from poco.currencies u where u.code = o.currency)
         when 'amount_negative' then least(i.unit_minor, i.total_minor) < 0
         when 'quantity_not_positive' then i.quantity < 1
         when 'parent_missing' then a.detail = 'orders ' || i.order_id or a.detail = 'products ' || i.product_id end
 group by i.region, a.reason
