-- Purpose: the reissued coupons, read back from mi.com's vouchers in the shape of extract.sql, with the uses they were issued with.
-- One row per coupon whose voucher can be spent, or has been since. Order: none.
select c.coupon_id - mi.poco_key(0) as source_key,
       m.region,
       'migrated'                   as outcome,
       c.coupon_id, v.market, v.profile_id, v.kind, v.amount, v.percent, v.currency, v.minimum, v.category, v.stackable,
       v.uses_total as uses_left, v.per_customer, v.valid_from, v.valid_until, c.extended
  from migration.coupon_reissue c
  join mi.vouchers v on v.reissue_id = c.reissue_id and v.spendable_since is not null
  join mi.market_origins m on m.market = v.market
 where c.state = 'done'
