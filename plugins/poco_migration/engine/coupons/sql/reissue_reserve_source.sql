-- Purpose: take coupons out of circulation at POCO (on the source).
-- $1 source keys
select coupon_id, epoch, uses_left from poco_export.reserve_coupons($1)
