-- Purpose: mi.com's addresses in the columns of poco.addresses: the inverse of extract.sql (on POCO's database).
-- Needs:   returned, rows in the shape of readback.sql. One row per row of it. Order: none.
-- Rule:    what POCO keeps in the JSON beside these seven keys stays in it.
select r.source_key,
       k.region,
       case when k.region is null     then 'market_unknown'
            when r.profile_id is null then 'parent_missing' end as refused,
       r.profile_id - poco_export.mi_key(0)  as customer_id,
       r.kind,
       (case when json_typeof(p.payload) = 'object' and pg_input_is_valid(p.payload::text, 'jsonb') then p.payload::jsonb else '{}' end
        || jsonb_build_object('name', r.recipient, 'line1', r.line1, 'line2', r.line2, 'city', r.city, 'postcode', r.postcode,
                              'country', r.country, 'phone', r.phone))::json as payload,
       r.is_default,
       r.created_at at time zone k.time_zone as created_at
  from returned r
  left join poco_export.scope k on k.market = r.market
  left join poco_export.addresses p on p.id = r.source_key
