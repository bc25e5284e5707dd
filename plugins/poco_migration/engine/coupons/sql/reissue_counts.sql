-- Purpose: how many coupons of a range stand at which state.
-- $1 from this key, $2 below this key (target keys)
select state, count(*) as number from migration.coupon_reissue where coupon_id >= $1 and coupon_id < $2 group by state
