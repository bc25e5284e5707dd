-- Control total: messages, the cases that have any, which message is in which case, and its attachments; by POCO's keys.
with child as (
select upper(c.market) as region, m.message_id - mi.poco_key(0) as id, m.case_id - mi.poco_key(0) as parent, m.attachments,
       length('poco/' || c.market || '/') + 1 as name_begins
  from mi.case_messages m
  join mi.service_cases c on c.case_id = m.case_id
 where m.origin = 'poco'),
attached as (
select c.region, c.id, a.n, ('x' || left(md5(substr(a.value ->> 'key', c.name_begins)), 12))::bit(48)::bigint as name
  from child c
 cross join jsonb_array_elements(c.attachments) with ordinality as a (value, n))
select region, 'messages' as bucket, count(*)::numeric as amount from child group by region
 union all
select region, 'tickets with messages', count(distinct parent)::numeric from child group by region
 union all
select region, 'message times ticket', sum(id::numeric * parent) from child group by region
 union all
select region, 'attachments', count(*)::numeric from attached group by region
 union all
select region, 'message times place times name of the attachment', sum(id::numeric * n * name) from attached group by region
