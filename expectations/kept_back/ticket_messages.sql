-- Purpose: how many messages are kept back with a reason that POCO's own table bears out, and how many are not though they must be.
select m.region, a.reason, count(*) as rows
  from aside a
  join poco_export.audited_ticket_messages m on m.id = a.source_key
  left join poco.tickets t on t.id = m.ticket_id
 where case a.reason
         when 'author_unknown' then m.author not in ('customer', 'agent')
         when 'json_bad_escape' then not pg_input_is_valid(m.attachments::text, 'jsonb')
         when 'json_not_an_array' then json_typeof(m.attachments) <> 'array'
         when 'parent_missing' then a.detail = 'tickets ' || m.ticket_id
         when 'person_erased' then exists (select from poco.customers x where x.id = t.customer_id and x.status = 3) or exists (select from poco_export.tombstones b where b.customer_id = t.customer_id) end
 group by m.region, a.reason
 union all
select m.region, 'not kept back: ' || must.reason, count(*)
  from poco_export.audited_ticket_messages m
  left join poco.tickets t on t.id = m.ticket_id
 cross join lateral (select case
            when m.author not in ('customer', 'agent') then 'author_unknown'
            when not pg_input_is_valid(m.attachments::text, 'jsonb') then 'json_bad_escape'
            when json_typeof(m.attachments) <> 'array' then 'json_not_an_array' end as reason) must
 where must.reason is not null and m.id not in (select source_key from aside)
 group by m.region, must.reason
