-- Purpose: make POCO give these coupons up for good (on the source); what ended otherwise is told as well.
-- $1 source keys, $2 their epochs
select coupon_id as source_key, void from poco_export.void_coupons($1, $2)
