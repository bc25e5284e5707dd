-- Purpose: how many order lines are kept back with a reason that POCO's own table bears out, and how many are not though they must be.
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
 union all
select i.region, 'not kept back: ' || must.reason, count(*)
  from poco.order_items i
  left join poco.orders o on o.id = i.order_id
 cross join lateral (select case
            when not exists (select from poco.currencies u where u.code = o.currency) then 'currency_unknown'
            when least(i.unit_minor, i.total_minor) < 0 then 'amount_negative'
            when i.quantity < 1 then 'quantity_not_positive' end as reason) must
 where must.reason is not null and i.id not in (select source_key from aside)
 group by i.region, must.reason
