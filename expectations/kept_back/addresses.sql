-- Purpose: how many addresses are kept back with a reason that POCO's own table bears out, and how many are not though they must be.
select p.region, a.reason, count(*) as rows
  from aside a
  join poco_export.audited_addresses p on p.id = a.source_key
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
 union all
select p.region, 'not kept back: ' || must.reason, count(*)
  from poco_export.audited_addresses p
 cross join lateral (select case
            when not pg_input_is_valid(p.payload::text, 'jsonb') then 'json_bad_escape'
            when json_typeof(p.payload) <> 'object' then 'json_not_an_object'
            when p.kind not in ('shipping', 'billing') then 'kind_unknown'
            when coalesce(btrim(p.payload ->> 'name'), '') = '' or coalesce(btrim(p.payload ->> 'line1'), '') = '' or coalesce(btrim(p.payload ->> 'city'), '') = '' then 'address_incomplete'
            when coalesce(btrim(p.payload ->> 'country'), '') !~ '^[A-Za-z]{2}$'
          and upper(btrim(p.payload ->> 'country')) not in ('UNITED KINGDOM', 'FRANCE', 'DEUTSCHLAND', 'GERMANY', 'ITALIA', 'ITALY', 'ESPAÑA', 'SPAIN', 'INDONESIA')
           or p.payload ->> 'country' is null then 'country_unknown' end as reason) must
 where must.reason is not null and p.id not in (select source_key from aside)
 group by p.region, must.reason
