-- Purpose: mi.com's service cases in the columns of poco.tickets: the inverse of extract.sql (on POCO's database).
-- Needs:   returned, rows in the shape of readback.sql. One row per row of it. Order: none.
select r.source_key,
       k.region,
       case when k.region is null     then 'market_unknown'
            when r.profile_id is null then 'parent_missing'
            when s.code is null       then 'status_unknown' end as refused,
       r.profile_id - poco_export.mi_key(0) as customer_id,
       r.order_id - poco_export.mi_key(0)   as order_id,
       r.subject,
       s.code                               as status,
       r.opened_at at time zone k.time_zone as opened_at,
       r.closed_at at time zone k.time_zone as closed_at
  from returned r
  left join poco_export.scope k on k.market = r.market
  left join (values (1, 'open'), (2, 'waiting'), (3, 'solved'), (4, 'closed')) as s (code, status) on s.status = r.status
