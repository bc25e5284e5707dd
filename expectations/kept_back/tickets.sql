-- Purpose: how many tickets are kept back with a reason that POCO's own table bears out, and how many are not though they must be.
select t.region, a.reason, count(*) as rows
  from aside a
  join poco.tickets t on t.id = a.source_key
 where case a.reason
         when 'status_unknown' then t.status not in (1, 2, 3, 4)
         when 'parent_missing' then a.detail = 'customers ' || t.customer_id or a.detail = 'orders ' || t.order_id
         when 'person_erased' then exists (select from poco.customers x where x.id = t.customer_id and x.status = 3) or exists (select from poco_export.tombstones b where b.customer_id = t.customer_id) end
 group by t.region, a.reason
 union all
select t.region, 'not kept back: ' || must.reason, count(*)
  from poco.tickets t
 cross join lateral (select case
            when t.status not in (1, 2, 3, 4) then 'status_unknown' end as reason) must
 where must.reason is not null and t.id not in (select source_key from aside)
 group by t.region, must.reason
