-- Control total: every column of tickets, whose they are and about which order, each summed by itself with the key; by POCO's keys.
select c.case_id - mi.poco_key(0) as key, upper(c.market) as region, c.profile_id - mi.poco_key(0) as customer, c.order_id - mi.poco_key(0) as purchase,
       c.subject, c.status, c.opened_at as opened, c.closed_at as closed
  from mi.service_cases c
 where c.origin = 'poco'
