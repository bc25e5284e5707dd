-- Control total: every column of messages, and in which ticket each is, each summed by itself with the key. Entity: ticket_messages
-- Hashed: one row for each that should be at mi.com.
select m.id as key, m.region, m.ticket_id as ticket, m.author, m.body, case when pg_input_is_valid(m.attachments::text, 'jsonb') then m.attachments::jsonb end as attachments, m.sent_at at time zone s.time_zone as sent
  from poco_export.audited_ticket_messages m
  join poco.stores s on s.region = m.region
 where m.id not in (select source_key from aside)
