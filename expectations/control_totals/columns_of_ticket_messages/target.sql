-- Control total: every column of messages, and in which ticket each is, each summed by itself with the key; by POCO's keys.
-- An attachment lies at mi.com under the market's folder; without it, it has POCO's name again.
select m.message_id - mi.poco_key(0) as key, upper(c.market) as region, m.case_id - mi.poco_key(0) as ticket, m.author, m.body,
       (select coalesce(jsonb_agg(a.value || jsonb_build_object('key', regexp_replace(a.value ->> 'key', '^poco/' || c.market || '/', '')) order by a.n), '[]')
          from jsonb_array_elements(m.attachments) with ordinality as a (value, n)) as attachments,
       m.sent_at as sent
  from mi.case_messages m
  join mi.service_cases c on c.case_id = m.case_id
 where m.origin = 'poco'
