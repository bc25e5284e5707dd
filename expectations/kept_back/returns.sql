-- Purpose: how many returns are kept back with a reason that POCO's own table bears out, and how many are not though they must be.
select r.region, a.reason, count(*) as rows
  from aside a
  join poco.returns r on r.id = a.source_key
 where case a.reason
         when 'status_unknown' then r.status not in (1, 2, 3, 4)
         when 'quantity_not_positive' then r.quantity < 1
         when 'parent_missing' then a.detail = 'order_items ' || r.order_item_id end
 group by r.region, a.reason
 union all
select r.region, 'not kept back: ' || must.reason, count(*)
  from poco.returns r
 cross join lateral (select case
            when r.status not in (1, 2, 3, 4) then 'status_unknown'
            when r.quantity < 1 then 'quantity_not_positive' end as reason) must
 where must.reason is not null and r.id not in (select source_key from aside)
 group by r.region, must.reason
