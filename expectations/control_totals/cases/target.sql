-- Control total: messages by who wrote them, and letters written.
select upper(c.market) as region, m.author || ' messages, letters' as bucket, sum(length(m.body) + 1)::numeric as amount
  from mi.case_messages m
  join mi.service_cases c on c.case_id = m.case_id
 where m.origin = 'poco'
 group by 1, 2
