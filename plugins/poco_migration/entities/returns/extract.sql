-- Purpose: POCO's returns, in the shape of mi.returns.
-- One row per return. Order: none.
select r.id                                   as source_key,
       r.region,
       case when s.status is null  then 'status_unknown'
            when r.quantity <= 0   then 'quantity_not_positive' end as refused,
       poco_export.mi_key(r.id)               as return_id,
       r.market,
       poco_export.mi_key(r.order_item_id)    as line_id,
       r.quantity,
       r.reason,
       s.status,
       r.opened_at at time zone r.time_zone   as opened_at,
       r.closed_at at time zone r.time_zone   as closed_at
  from poco_export.returns r
  left join (values (1, 'open'), (2, 'received'), (3, 'closed'), (4, 'refused')) as s (code, status) on s.code = r.status
