-- Purpose: how many addresses are kept back with a reason that POCO's own table bears out.
select p.region, a.reason, count(*) as rows
  from aside a
  join poco.addresses p on p.id = a.source_key
 where case a.reason
         when 'json_bad_escape' then not pg_input_is_valid(p.payload::text, 'jsonb')
         when 'json_not_an_object' then json_typeof(p.payload) <> 'object'
         when 'kind_unknown' then p.kind not in ('shipping', 'billing')
         when 'address_incomplete' then coalesce(btrim(p.payload ->> 'name'), '') = '' or coalesce(btrim(p.payload ->> 'line1'), '') = '' or coalesce(btrim(p.payload ->> 'city'), '') = ''
         when 'country_unknown' then coalesce(btrim(p.payload ->> 'country'), '') !~ '^[A-Za-z]{2}$'
          and upper(btrim(p.payload ->> 'country')) not in ('UNITED KINGDOM', 'FRANCE', 'DEUTSCHLAND', 'GERMANY', 'ITALIA', 'ITALY', 'ESPAÑA', 'SPAIN', 'INDONESIA')
           or p.payload ->> 'country' is null
         when 'parent_missing' then a.detail = 'customers ' || p.customer_id
         when 'person_erased' then exists (select from poco.customers x where x.id = p.customer_id and x.status = 3) or exists (select from poco_export.tombstones b where b.customer_id = p.customer_id) end
 group by p.region, a.reason
