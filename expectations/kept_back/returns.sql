-- Purpose: how many returns are kept back with a reason that POCO's own table bears out.
select r.region, a.reason, count(*) as rows
  from aside a
  join poco.returns r on r.id = a.source_key
 where case a.reason
         when 'status_unknown' then r.status not in (1, 2, 3, 4)
         when 'quantity_not_positive' then r.quantity < 1
         when 'parent_missing' then a.detail = 'order_items ' || r.order_item_id end
 group by r.region, a.reason
