-- Purpose: how many consents are kept back with a reason that POCO's own table bears out, and how many are not though they must be.
select n.region, a.reason, count(*) as rows
  from aside a
  join poco.consents n on n.id = a.source_key
 where case a.reason
         when 'purpose_unknown' then n.purpose not in ('newsletter', 'profiling', 'sms')
         when 'parent_missing' then a.detail = 'customers ' || n.customer_id
         when 'person_erased' then exists (select from poco.customers x where x.id = n.customer_id and x.status = 3) or exists (select from poco_export.tombstones b where b.customer_id = n.customer_id) end
 group by n.region, a.reason
 union all
select n.region, 'not kept back: ' || must.reason, count(*)
  from poco.consents n
 cross join lateral (select case
            when n.purpose not in ('newsletter', 'profiling', 'sms') then 'purpose_unknown' end as reason) must
 where must.reason is not null and n.id not in (select source_key from aside)
 group by n.region, must.reason
