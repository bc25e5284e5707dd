-- Side: source
-- Demanded: addresses name a country by its two letters or by a name that extract.sql knows (single bad rows of a region go to quarantine; see assess.single_rows)
-- Next: Add the spelling to entities/addresses/extract.sql and here together with the data owner, then clear this task.
with spelt as (
    select a.region, upper(btrim(case when pg_input_is_valid(a.payload::text, 'jsonb') and json_typeof(a.payload) = 'object' then a.payload ->> 'country' end)) as country
      from poco.addresses a
),
unknown as (
    select region, count(*) as rows
      from spelt
     where country !~ '^[A-Z]{2}$'
       and country not in ('UK', 'UNITED KINGDOM', 'FRANCE', 'DEUTSCHLAND', 'GERMANY', 'ITALIA', 'ITALY', 'ESPAÑA', 'SPAIN', 'INDONESIA')
     group by region
)
select r.region, coalesce(u.rows, 0) || ' addresses in a country that nothing knows' as measured,
       coalesce(u.rows, 0) <= current_setting('migration.single_rows')::integer as ok
  from unnest(string_to_array(current_setting('migration.moving'), ',')) r (region)
  left join unknown u on u.region = r.region
