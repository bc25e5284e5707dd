-- Purpose: POCO's orders, in the shape of mi.orders.
-- One row per order. Order: none.
-- Rule:    money keeps what was charged, also where it does not add up (adds_up says so); the local time is kept
--          beside the instant, because a repeated hour cannot be told apart.
select o.id                                                as source_key,
       o.region,
       case when s.status is null    then 'status_unknown'
            when u.unit is null      then 'currency_unknown'
            when o.total_minor < 0   then 'amount_negative'
            when not f.readable      then 'json_bad_escape' end as refused,
       poco_export.mi_key(o.id)                            as order_id,
       'PO' || o.market || '-' || o.id                     as order_number,
       o.order_number                                      as original_number,
       o.market,
       case o.buyer when 'member' then poco_export.mi_key(o.customer_id) end as profile_id,
       o.buyer,
       nullif(lower(normalize(btrim(o.guest_email, E' \t\r\n\u00a0\u200b'), NFKC)), '') as guest_email,
       nullif(btrim(o.guest_phone), '')                    as guest_phone,
       s.status,
       o.currency::text                                    as currency,
       (o.subtotal_minor * u.unit)::numeric(18, 3)         as subtotal,
       (o.discount_minor * u.unit)::numeric(18, 3)         as discount,
       (o.shipping_minor * u.unit)::numeric(18, 3)         as shipping,
       (o.tax_minor * u.unit)::numeric(18, 3)              as tax,
       (o.total_minor * u.unit)::numeric(18, 3)            as total,
       o.total_minor = o.subtotal_minor - o.discount_minor + o.shipping_minor as adds_up,
       case when f.readable then o.shipping_address::jsonb end as ship_to,
       o.note,
       o.placed_at at time zone o.time_zone                as placed_at,
       o.placed_at                                         as placed_at_local,
       poco_export.time_quality(o.placed_at, o.time_zone)  as time_quality,
       o.updated_at at time zone o.time_zone               as updated_at
  from poco_export.orders o
 cross join lateral (select coalesce(pg_input_is_valid(o.shipping_address::text, 'jsonb'), true) as readable) f
  left join poco_export.units u on u.currency = o.currency
  left join (values (10, 'placed'), (20, 'paid'), (30, 'packed'), (40, 'shipped'), (50, 'delivered'), (60, 'cancelled'), (70, 'returned'))
            as s (code, status) on s.code = o.status
