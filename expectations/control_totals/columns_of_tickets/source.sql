-- Control total: every column of tickets, whose they are and about which order, each summed by itself with the key. Entity: tickets
-- Hashed: one row for each that should be at mi.com.
select t.id as key, t.region, t.customer_id as customer, t.order_id as purchase, t.subject,
       case t.status when 1 then 'open' when 2 then 'waiting' when 3 then 'solved' when 4 then 'closed' end as status,
       t.opened_at at time zone s.time_zone as opened, t.closed_at at time zone s.time_zone as closed
  from poco_export.audited_tickets t
  join poco.stores s on s.region = t.region
 where t.id not in (select source_key from aside)
