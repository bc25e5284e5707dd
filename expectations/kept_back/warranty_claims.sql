-- Purpose: how many warranty claims are kept back with a reason that POCO's own table bears out, and how many are not though they must be.
select w.region, a.reason, count(*) as rows
  from aside a
  join poco_export.audited_warranty_claims w on w.id = a.source_key
 where case a.reason
         when 'status_unknown' then w.status not in (1, 2, 3, 4)
         when 'imei_malformed' then regexp_replace(w.imei, '[ /-]', '', 'g') !~ '^[0-9]{15}$'
         when 'parent_missing' then a.detail = 'customers ' || w.customer_id or a.detail = 'order_items ' || w.order_item_id
         when 'person_erased' then exists (select from poco.customers x where x.id = w.customer_id and x.status = 3) or exists (select from poco_export.tombstones b where b.customer_id = w.customer_id) end
 group by w.region, a.reason
 union all
select w.region, 'not kept back: ' || must.reason, count(*)
  from poco_export.audited_warranty_claims w
 cross join lateral (select case
            when w.status not in (1, 2, 3, 4) then 'status_unknown'
            when regexp_replace(w.imei, '[ /-]', '', 'g') !~ '^[0-9]{15}$' then 'imei_malformed' end as reason) must
 where must.reason is not null and w.id not in (select source_key from aside)
 group by w.region, must.reason
