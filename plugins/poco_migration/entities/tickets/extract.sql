-- Purpose: POCO's tickets, in the shape of mi.service_cases.
-- One row per ticket. Order: none.
select t.id                                    as source_key,
       t.region,
       case when s.status is null then 'status_unknown' end as refused,
       poco_export.mi_key(t.id)                as case_id,
       t.market,
       poco_export.mi_key(t.customer_id)       as profile_id,
       poco_export.mi_key(t.order_id)          as order_id,
       t.subject,
       s.status,
       t.opened_at at time zone t.time_zone    as opened_at,
       t.closed_at at time zone t.time_zone    as closed_at
  from poco_export.tickets t
  left join (values (1, 'open'), (2, 'waiting'), (3, 'solved'), (4, 'closed')) as s (code, status) on s.code = t.status
