-- Purpose: mi.com's orders in the columns of poco.orders: the inverse of extract.sql (on POCO's database).
-- Needs:   returned, rows in the shape of readback.sql. One row per row of it. Order: none.
-- Rule:    who has bought stays at POCO where that person was erased, because mi.com was never told;
--          the customer's own number; an order that was made at mi.com keeps the number it got there.
select r.source_key,
       k.region,
       case when k.region is null                                   then 'market_unknown'
            when r.buyer = 'member' and r.profile_id is null        then 'parent_missing'
            when s.code is null                                     then 'status_unknown'
            when u.unit is null                                     then 'currency_unknown'
            when mod(r.subtotal, u.unit) <> 0 or mod(r.discount, u.unit) <> 0 or mod(r.shipping, u.unit) <> 0
              or mod(r.tax, u.unit) <> 0 or mod(r.total, u.unit) <> 0 then 'amount_too_fine' end as refused,
       case r.buyer when 'erased' then 'customer_id' end as keeps,
       coalesce(r.original_number, r.order_number) as order_number,
       r.profile_id - poco_export.mi_key(0)        as customer_id,
       r.guest_email,
       r.guest_phone,
       s.code                                      as status,
       r.currency,
       round(r.subtotal / u.unit)::bigint          as subtotal_minor,
       round(r.discount / u.unit)::bigint          as discount_minor,
       round(r.shipping / u.unit)::bigint          as shipping_minor,
       round(r.tax / u.unit)::bigint               as tax_minor,
       round(r.total / u.unit)::bigint             as total_minor,
       r.ship_to::json                             as shipping_address,
       r.note,
       r.placed_at_local                           as placed_at,
       r.updated_at at time zone k.time_zone       as updated_at
  from returned r
  left join poco_export.scope k on k.market = r.market
  left join poco_export.units u on u.currency = r.currency
  left join (values (10, 'placed'), (20, 'paid'), (30, 'packed'), (40, 'shipped'), (50, 'delivered'), (60, 'cancelled'), (70, 'returned'))
            as s (code, status) on s.status = r.status
