-- Purpose: the objects that POCO's reviews and messages name, under their keys at mi.com, with what was noted at the upload.
-- One row per row and object. Order: none.
select 'reviews' as entity, poco_export.mi_key(r.id) as row_key, r.region, 'poco/' || r.market || '/' || p.key as target_object,
       null::bigint as bytes, lower(p.sha256) as sha256
  from poco_export.reviews r
 cross join unnest(r.photo_keys, r.photo_sha256) as p (key, sha256)
 where p.key is not null
 union all
select 'ticket_messages', poco_export.mi_key(m.id), m.region, 'poco/' || m.market || '/' || (a.value ->> 'key'),
       case when a.value ->> 'bytes' ~ '^[0-9]{1,18}$' then (a.value ->> 'bytes')::bigint end, lower(a.value ->> 'sha256')
  from poco_export.ticket_messages m
 cross join jsonb_array_elements(case when pg_input_is_valid(m.attachments::text, 'jsonb') and json_typeof(m.attachments) = 'array'
                                      then m.attachments::jsonb else '[]' end) as a (value)
 where a.value ->> 'key' is not null
