-- Purpose: coupons that could not be reserved, because they were spent, revoked or taken by an order in between.
select coupon_id - mi.poco_key(0) as source_key from migration.coupon_reissue where state = 'refused' order by 1
