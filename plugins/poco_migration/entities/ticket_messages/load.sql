-- Purpose: upsert the messages of migrated service cases.

insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'tickets ' || (s.case_id - mi.poco_key(0))
  from accepted s
 where not exists (select from mi.service_cases c where c.case_id = s.case_id and c.market = s.market);

-- Section: delete
delete from mi.case_messages t using gone g where t.message_id = mi.poco_key(g.source_key);

-- Section: upsert
-- jsonb takes 1.0 and 1.00 for equal and keeps both; its text tells them apart.
insert into mi.case_messages as t (message_id, case_id, author, body, attachments, sent_at, origin)
select message_id, case_id, author, body, attachments, sent_at, 'poco'
  from accepted
    on conflict (message_id) do update
   set case_id = excluded.case_id, author = excluded.author, body = excluded.body, attachments = excluded.attachments, sent_at = excluded.sent_at
 where (t.case_id, t.author, t.body, t.attachments::text, t.sent_at)
       is distinct from (excluded.case_id, excluded.author, excluded.body, excluded.attachments::text, excluded.sent_at);
