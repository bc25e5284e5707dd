-- Purpose: POCO's JSON addresses, in the columns of mi.addresses.
-- One row per address. Order: none.
-- Rule:    edge blanks go, blank means missing; a country is two letters of ISO 3166, whatever way it was spelt.
--          An escape that no text can hold (a NUL, half a surrogate pair) is found first: taking it apart would fail.
select a.id                                   as source_key,
       a.region,
       case when not f.readable                            then 'json_bad_escape'
            when json_typeof(a.payload) <> 'object'        then 'json_not_an_object'
            when a.kind not in ('shipping', 'billing')     then 'kind_unknown'
            when btrim(p.name) = '' or btrim(p.line1) = '' or btrim(p.city) = ''
              or p.name is null or p.line1 is null or p.city is null then 'address_incomplete'
            when v.iso is null and upper(btrim(p.country)) !~ '^[A-Z]{2}$'
              or p.country is null                         then 'country_unknown' end as refused,
       poco_export.mi_key(a.id)               as address_id,
       a.market,
       poco_export.mi_key(a.customer_id)      as profile_id,
       a.kind,
       nullif(btrim(p.name), '')              as recipient,
       nullif(btrim(p.line1), '')             as line1,
       nullif(btrim(p.line2), '')             as line2,
       nullif(btrim(p.city), '')              as city,
       nullif(btrim(p.postcode), '')          as postcode,
       coalesce(v.iso, upper(btrim(p.country))) as country,
       nullif(btrim(p.phone), '')             as phone,
       a.is_default,
       a.created_at at time zone a.time_zone  as created_at
  from poco_export.addresses a
 cross join lateral (select pg_input_is_valid(a.payload::text, 'jsonb') as readable) f
 cross join lateral json_to_record(case when f.readable and json_typeof(a.payload) = 'object' then a.payload else '{}' end)
            as p (name text, line1 text, line2 text, city text, postcode text, country text, phone text)
  left join (values ('UK', 'GB'), ('UNITED KINGDOM', 'GB'), ('FRANCE', 'FR'), ('DEUTSCHLAND', 'DE'), ('GERMANY', 'DE'),
                    ('ITALIA', 'IT'), ('ITALY', 'IT'), ('ESPAÑA', 'ES'), ('SPAIN', 'ES'), ('INDONESIA', 'ID')) as v (spelt, iso)
            on v.spelt = upper(btrim(p.country))
