-- Control total: returns by status, pieces, and when they were opened: an open one goes on at mi.com. Entity: returns
with sent_back as (
select r.region, case r.status when 1 then 'open' when 2 then 'received' when 3 then 'closed' when 4 then 'refused' end as status, r.quantity,
       r.opened_at at time zone k.time_zone as opened
  from poco.returns r
  join poco.stores k on k.region = r.region
 where r.id not in (select source_key from aside))
select region, status || ' returns, pieces' as bucket, sum(quantity)::numeric as amount from sent_back group by region, status
 union all
select region, 'seconds opened', sum(extract(epoch from opened)) from sent_back group by region
