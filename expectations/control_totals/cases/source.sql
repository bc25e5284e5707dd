-- Control total: messages by who wrote them, and letters written. Entity: ticket_messages
select m.region, m.author || ' messages, letters' as bucket, sum(length(m.body) + 1)::numeric as amount
  from poco_export.audited_ticket_messages m
 where m.id not in (select source_key from aside)
 group by m.region, bucket
