-- Purpose: of these coupons, those that stand at this state.
-- $1 coupons (target keys), $2 state
select coupon_id, coupon_id - mi.poco_key(0) as source_key, epoch
  from migration.coupon_reissue
 where coupon_id = any ($1) and state = $2
