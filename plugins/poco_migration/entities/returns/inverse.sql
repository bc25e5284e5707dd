-- Purpose: mi.com's returns in the columns of poco.returns: the inverse of extract.sql (on POCO's database).
-- Needs:   returned, rows in the shape of readback.sql; the line is at POCO already, it says the order.
--          One row per row of it. Order: none.
select r.source_key,
       k.region,
       case when k.region is null   then 'market_unknown'
            when i.order_id is null then 'parent_missing'
            when s.code is null     then 'status_unknown' end as refused,
       i.order_id,
       r.line_id - poco_export.mi_key(0)    as order_item_id,
       r.quantity,
       r.reason,
       s.code                               as status,
       r.opened_at at time zone k.time_zone as opened_at,
       r.closed_at at time zone k.time_zone as closed_at
  from returned r
  left join poco_export.scope k on k.market = r.market
  left join poco_export.order_items i on i.id = r.line_id - poco_export.mi_key(0)
  left join (values (1, 'open'), (2, 'received'), (3, 'closed'), (4, 'refused')) as s (code, status) on s.status = r.status
