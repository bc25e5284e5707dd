-- Control total: messages, the tickets that have any, which message is in which ticket, and its attachments. Entity: ticket_messages
-- Lasting: what was written was written; nobody at mi.com changes a message that is there.
with child as (
select m.region, m.id, m.ticket_id as parent, case when pg_input_is_valid(m.attachments::text, 'jsonb') then m.attachments::jsonb end as attachments
  from poco_export.audited_ticket_messages m
 where m.id not in (select source_key from aside)),
attached as (
select c.region, c.id, a.n, ('x' || left(md5(a.value ->> 'key'), 12))::bit(48)::bigint as name
  from child c
 cross join jsonb_array_elements(case jsonb_typeof(c.attachments) when 'array' then c.attachments end) with ordinality as a (value, n))
select region, 'messages' as bucket, count(*)::numeric as amount from child group by region
 union all
select region, 'tickets with messages', count(distinct parent)::numeric from child group by region
 union all
select region, 'message times ticket', sum(id::numeric * parent) from child group by region
 union all
select region, 'attachments', count(*)::numeric from attached group by region
 union all
select region, 'message times place times name of the attachment', sum(id::numeric * n * name) from attached group by region
