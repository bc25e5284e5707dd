-- Control total: service cases by status, whose they are, and when they were opened and closed; by POCO's keys.
with ticket as (
select upper(c.market) as region, c.case_id - mi.poco_key(0) as id, c.profile_id - mi.poco_key(0) as customer_id, c.status,
       c.opened_at as opened, c.closed_at as closed
  from mi.service_cases c
 where c.origin = 'poco')
select region, status || ' tickets' as bucket, count(*)::numeric as amount from ticket group by region, status
 union all
select region, 'ticket times customer', sum(id::numeric * customer_id) from ticket group by region
 union all
select region, 'seconds opened and closed', sum(extract(epoch from opened)) + 3 * coalesce(sum(extract(epoch from closed)), 0) from ticket group by region
