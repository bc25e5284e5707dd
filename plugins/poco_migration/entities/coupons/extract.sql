-- Purpose: the terms of POCO's coupons, in the shape of migration.coupon_reissue. The code itself never crosses.
-- One row per coupon. Order: none.
-- Rule:    active means active at the handover of the orders. Coupons are void from there until they are reissued, so one that
--          would end inside that gap is extended by the gap; and one that POCO's own job has expired in the gap is active still,
--          with the end and the uses that it had at the handover.
select c.id                                      as source_key,
       c.region,
       case when c.status = 2 or c.status in (1, 3) and t.uses <= 0           then 'used_up'
            when c.status = 4                                                  then 'revoked'
            when c.status = 3 and c.owed_uses is null
              or t.ends_at <= r.cutover_at                                     then 'expired'
            when c.status not in (1, 3, 5, 6)                                  then 'status_unknown'
            when c.reserved_order_id is not null                               then 'held_by_order'
            when u.unit is null                                                then 'currency_unknown'
            when k.kind is null
              or (k.kind = 'fixed') <> (coalesce(c.value_minor, 0) > 0)
              or (k.kind = 'percent') <> (coalesce(c.percent, 0) > 0)
              or c.percent > 100 or c.minimum_minor < 0 or c.per_customer < 1 then 'terms_invalid' end as refused,
       poco_export.mi_key(c.id)                  as coupon_id,
       c.market,
       poco_export.mi_key(c.customer_id)         as profile_id,
       k.kind,
       (case k.kind when 'fixed' then c.value_minor * u.unit end)::numeric(18, 3) as amount,
       (case k.kind when 'percent' then c.percent end)::numeric(5, 2)             as percent,
       c.currency::text                          as currency,
       (c.minimum_minor * u.unit)::numeric(18, 3) as minimum,
       c.category,
       c.stackable,
       t.uses                                    as uses_left,
       c.per_customer,
       c.valid_from at time zone c.time_zone     as valid_from,
       t.ends_at + case when t.ends_at <= r.coupon_gap_ends then r.coupon_gap_ends - r.cutover_at else interval '0' end as valid_until,
       t.ends_at <= r.coupon_gap_ends            as extended
  from poco_export.coupons c
 cross join poco_export.rules r
 cross join lateral (select greatest(c.valid_until, c.owed_until) at time zone c.time_zone as ends_at,
                            case when c.status = 3 then greatest(c.uses_left, c.owed_uses) else c.uses_left end as uses) t
  left join poco_export.units u on u.currency = c.currency
  left join (values (1, 'fixed'), (2, 'percent'), (3, 'free_shipping')) as k (code, kind) on k.code = c.kind
