-- Purpose: POCO's coupon redemptions, in the shape of mi.order_discounts, in the currency of the order.
-- One row per redemption. Order: none.
select r.id                                        as source_key,
       r.region,
       case when u.unit is null and r.currency is not null then 'currency_unknown'
            when r.amount_minor < 0   then 'amount_negative' end as refused,
       poco_export.mi_key(r.id)                    as discount_id,
       r.market,
       poco_export.mi_key(r.order_id)              as order_id,
       (r.amount_minor * u.unit)::numeric(18, 3)   as amount,
       r.currency::text                            as currency,
       poco_export.mi_key(r.coupon_id)             as coupon_ref,
       r.redeemed_at at time zone r.time_zone      as redeemed_at
  from poco_export.coupon_redemptions r
  left join poco_export.units u on u.currency = r.currency
