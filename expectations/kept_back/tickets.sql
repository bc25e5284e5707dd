-- Purpose: how many tickets are kept back with a reason that POCO's own table bears out.
select t.region, a.reason, count(*) as rows
  from aside a
  join poco.tickets t on t.id = a.source_key
 where case a.reason
         when 'status_unknown' then t.status not in (1, 2, 3, 4)
         when 'parent_missing' then a.detail = 'customers ' || t.customer_id or a.detail = 'orders ' || t.order_id
         when 'person_erased' then exists (select from poco.customers x where x.id = t.customer_id and x.status = 3) or exists (select from poco_export.tombstones b where b.customer_id = t.customer_id) end
 group by t.region, a.reason
