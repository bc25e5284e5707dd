-- Control total: every column of postal addresses, each summed by itself with the key. Entity: addresses
-- Hashed: one row for each that should be at mi.com.
with address as (
select a.*, s.time_zone, case when pg_input_is_valid(a.payload::text, 'jsonb') then a.payload end as of
  from poco_export.audited_addresses a
  join poco.stores s on s.region = a.region
 where a.id not in (select source_key from aside))
select id as key, region, customer_id as customer, kind, nullif(btrim(of ->> 'name'), '') as recipient, nullif(btrim(of ->> 'line1'), '') as line1,
       nullif(btrim(of ->> 'line2'), '') as line2, nullif(btrim(of ->> 'city'), '') as city, nullif(btrim(of ->> 'postcode'), '') as postcode,
       case upper(btrim(of ->> 'country'))
            when 'UK' then 'GB' when 'UNITED KINGDOM' then 'GB' when 'FRANCE' then 'FR' when 'DEUTSCHLAND' then 'DE' when 'GERMANY' then 'DE'
            when 'ITALIA' then 'IT' when 'ITALY' then 'IT' when 'ESPAÑA' then 'ES' when 'SPAIN' then 'ES' when 'INDONESIA' then 'ID'
            else upper(btrim(of ->> 'country')) end as country,
       nullif(btrim(of ->> 'phone'), '') as phone, is_default, created_at at time zone time_zone as created
  from address
