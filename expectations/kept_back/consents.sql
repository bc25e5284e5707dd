-- Purpose: how many consents are kept back with a reason that POCO's own table bears out.
select n.region, a.reason, count(*) as rows
  from aside a
  join poco.consents n on n.id = a.source_key
 where case a.reason
         when 'purpose_unknown' then n.purpose not in ('newsletter', 'profiling', 'sms')
         when 'parent_missing' then a.detail = 'customers ' || n.customer_id
         when 'person_erased' then exists (select from poco.customers x where x.id = n.customer_id and x.status = 3) or exists (select from poco_export.tombstones b where b.customer_id = n.customer_id) end
 group by n.region, a.reason
