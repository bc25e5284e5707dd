-- Purpose: POCO's ticket messages, in the shape of mi.case_messages.
-- One row per message. Attachments get the keys they have in mi.com's bucket, in the same order. Order: none.
select m.id                                   as source_key,
       m.region,
       case when m.author not in ('customer', 'agent')      then 'author_unknown'
            when not f.readable                             then 'json_bad_escape'
            when json_typeof(m.attachments) <> 'array'      then 'json_not_an_array' end as refused,
       poco_export.mi_key(m.id)               as message_id,
       m.market,
       poco_export.mi_key(m.ticket_id)        as case_id,
       m.author,
       m.body,
       (select coalesce(jsonb_agg(a.value || jsonb_build_object('key', 'poco/' || m.market || '/' || (a.value ->> 'key')) order by a.n), '[]')
          from jsonb_array_elements(case when f.readable and json_typeof(m.attachments) = 'array' then m.attachments::jsonb else '[]' end)
               with ordinality as a (value, n)) as attachments,
       m.sent_at at time zone m.time_zone     as sent_at
  from poco_export.ticket_messages m
 cross join lateral (select pg_input_is_valid(m.attachments::text, 'jsonb') as readable) f
