-- Control total: warranty claims by status, and when they were opened.
select upper(w.market) as region, w.status || ' claims' as bucket, count(*)::numeric as amount
  from mi.warranties w
 where w.origin = 'poco'
 group by 1, 2
 union all
select upper(w.market), 'seconds opened', sum(extract(epoch from w.opened_at))
  from mi.warranties w
 where w.origin = 'poco'
 group by 1
