-- Control total: tickets by status, whose they are, and when they were opened and closed. Entity: tickets
with ticket as (
select t.region, t.id, t.customer_id, case t.status when 1 then 'open' when 2 then 'waiting' when 3 then 'solved' when 4 then 'closed' end as status,
       t.opened_at at time zone k.time_zone as opened, t.closed_at at time zone k.time_zone as closed
  from poco.tickets t
  join poco.stores k on k.region = t.region
 where t.id not in (select source_key from aside))
select region, status || ' tickets' as bucket, count(*)::numeric as amount from ticket group by region, status
 union all
select region, 'ticket times customer', sum(id::numeric * customer_id) from ticket group by region
 union all
select region, 'seconds opened and closed', sum(extract(epoch from opened)) + 3 * coalesce(sum(extract(epoch from closed)), 0) from ticket group by region
