-- Purpose: note that the vouchers of these coupons exist.
-- $1 coupons (target keys), $2 reissue ids
update migration.coupon_reissue c
   set state = 'issued', reissue_id = n.reissue_id, changed_at = now()
  from unnest($1::bigint[], $2::uuid[]) n (coupon_id, reissue_id)
 where c.coupon_id = n.coupon_id and c.state = 'reserved'
