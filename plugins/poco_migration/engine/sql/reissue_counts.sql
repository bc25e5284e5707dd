-- Purpose: how many of these coupons stand at which state.
-- $1 coupons (target keys)
select state, count(*) as number from migration.coupon_reissue where coupon_id = any ($1) group by state
