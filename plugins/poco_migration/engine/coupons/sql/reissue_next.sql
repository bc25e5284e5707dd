-- Purpose: the next coupons that still have a step to go, ascending.
-- $1 below this key, $2 after this key, $3 how many
select coupon_id from migration.coupon_reissue
 where coupon_id > $2 and coupon_id < $1 and state in ('planned', 'reserved', 'issued')
 order by coupon_id limit $3
