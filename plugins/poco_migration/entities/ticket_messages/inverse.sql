-- Purpose: mi.com's messages in the columns of poco.ticket_messages: the inverse of extract.sql (on POCO's database).
-- Needs:   returned, rows in the shape of readback.sql. One row per row of it. Order: none.
-- Rule:    attachments lose the prefix they have in mi.com's bucket; one that never was in POCO's does not come back.
select r.source_key,
       k.region,
       case when k.region is null  then 'market_unknown'
            when r.case_id is null then 'parent_missing'
            when exists (select from jsonb_array_elements(r.attachments) a where not starts_with(a ->> 'key', 'poco/' || r.market || '/'))
                                   then 'attachment_elsewhere' end as refused,
       r.case_id - poco_export.mi_key(0)  as ticket_id,
       r.author,
       r.body,
       (select coalesce(jsonb_agg(a.value || jsonb_build_object('key', substr(a.value ->> 'key', length('poco/' || r.market || '/') + 1))
                                  order by a.n), '[]')::json
          from jsonb_array_elements(r.attachments) with ordinality as a (value, n)) as attachments,
       r.sent_at at time zone k.time_zone as sent_at
  from returned r
  left join poco_export.scope k on k.market = r.market
