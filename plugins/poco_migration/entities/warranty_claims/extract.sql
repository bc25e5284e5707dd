-- Purpose: POCO's warranty claims, in the shape of mi.warranties.
-- One row per claim. Order: none.
select w.id                                      as source_key,
       w.region,
       case when s.status is null                then 'status_unknown'
            when d.imei !~ '^[0-9]{15}$'         then 'imei_malformed' end as refused,
       poco_export.mi_key(w.id)                  as warranty_id,
       w.market,
       poco_export.mi_key(w.customer_id)         as profile_id,
       poco_export.mi_key(w.order_item_id)       as line_id,
       d.imei,
       w.description,
       s.status,
       w.opened_at at time zone w.time_zone      as opened_at,
       w.resolved_at at time zone w.time_zone    as resolved_at
  from poco_export.warranty_claims w
 cross join lateral (select nullif(translate(w.imei, ' -/', ''), '') as imei) d
  left join (values (1, 'open'), (2, 'repaired'), (3, 'replaced'), (4, 'refused')) as s (code, status) on s.code = w.status
