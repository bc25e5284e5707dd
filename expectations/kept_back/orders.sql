-- Purpose: how many orders are kept back with a reason that POCO's own table bears out, and how many are not though they must be.
select o.region, a.reason, count(*) as rows
  from aside a
  join poco_export.audited_orders o on o.id = a.source_key
 where case a.reason
         when 'status_unknown' then o.status not in (10, 20, 30, 40, 50, 60, 70)
         when 'currency_unknown' then not exists (select from poco.currencies u where u.code = o.currency)
         when 'amount_negative' then o.total_minor < 0
         when 'json_bad_escape' then not pg_input_is_valid(o.shipping_address::text, 'jsonb')
         when 'parent_missing' then a.detail = 'customers ' || o.customer_id end
 group by o.region, a.reason
 union all
select o.region, 'not kept back: ' || must.reason, count(*)
  from poco_export.audited_orders o
 cross join lateral (select case
            when o.status not in (10, 20, 30, 40, 50, 60, 70) then 'status_unknown'
            when not exists (select from poco.currencies u where u.code = o.currency) then 'currency_unknown'
            when o.total_minor < 0 then 'amount_negative'
            when not pg_input_is_valid(o.shipping_address::text, 'jsonb') then 'json_bad_escape' end as reason) must
 where must.reason is not null and o.id not in (select source_key from aside)
 group by o.region, must.reason
