-- Purpose: coupons that have ended without a voucher and whose reason is not noted yet (source keys).
select coupon_id - mi.poco_key(0) as source_key from migration.coupon_reissue where state in ('refused', 'given_back') order by 1
