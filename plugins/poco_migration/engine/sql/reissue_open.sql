-- Purpose: coupons that still have a step to go, ascending.
select coupon_id from migration.coupon_reissue where state in ('planned', 'reserved', 'issued') order by coupon_id
