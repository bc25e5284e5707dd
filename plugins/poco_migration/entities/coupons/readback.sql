-- Purpose: the reissued coupons, read back from mi.com's vouchers in the shape of extract.sql, with the uses they were issued
--          with; and those that are planned, out of the plan, so that it is compared before the first one leaves POCO. Only a
--          voucher that can be spent, or has been since, has migrated. One that a late reissue has extended further is as planned.
-- One row per coupon that is planned or whose voucher could be spent. Order: none.
select c.coupon_id - mi.poco_key(0) as source_key,
       m.region,
       'migrated'                   as outcome,
       c.coupon_id, v.market, v.profile_id, v.kind, v.amount, v.percent, v.currency, v.minimum, v.category, v.stackable,
       v.uses_total as uses_left, v.per_customer, v.valid_from,
       case when v.valid_until = c.issued_until then c.valid_until else v.valid_until end as valid_until, c.extended
  from migration.coupon_reissue c
  join mi.vouchers v on v.reissue_id = c.reissue_id and v.spendable_since is not null
  join mi.market_origins m on m.market = v.market
 where c.state = 'done'
 union all
select c.coupon_id - mi.poco_key(0), m.region, 'planned',
       c.coupon_id, c.market, c.profile_id, c.kind, c.amount, c.percent, c.currency, c.minimum, c.category, c.stackable,
       c.uses_left, c.per_customer, c.valid_from, c.valid_until, c.extended
  from migration.coupon_reissue c
  join mi.market_origins m on m.market = c.market
 where c.state = 'planned'
