-- Purpose: tell POCO's coupons how the orders that hold them were decided (on the source).
-- $1 coupons, $2 the orders that hold them, $3 whether the order has used its coupon
select settled as source_key from poco_export.settle_held_coupons($1, $2, $3) as settled
