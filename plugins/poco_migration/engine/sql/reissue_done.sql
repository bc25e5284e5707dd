-- Purpose: note that these coupons have arrived.
-- $1 source keys
update migration.coupon_reissue c
   set state = 'done', changed_at = now()
  from unnest($1::bigint[]) k (source_key)
 where c.coupon_id = mi.poco_key(k.source_key) and c.state = 'issued'
