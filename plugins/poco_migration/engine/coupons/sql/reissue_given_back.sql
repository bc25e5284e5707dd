-- Purpose: note that POCO has this coupon again, and why there is no voucher.
-- $1 source keys, $2 their epochs, $3 the constraint that has refused
update migration.coupon_reissue c
   set state = 'given_back', problem = $3, changed_at = now()
  from unnest($1::bigint[], $2::integer[]) k (source_key, epoch)
 where c.coupon_id = mi.poco_key(k.source_key) and c.epoch = k.epoch and c.state = 'reserved'
