-- Purpose: the vouchers of coupons that POCO has given up may be spent.
-- $1 source keys
update mi.vouchers v
   set state = 'spendable'
  from migration.coupon_reissue c, unnest($1::bigint[]) k (source_key)
 where c.coupon_id = mi.poco_key(k.source_key) and v.reissue_id = c.reissue_id and v.state = 'issued'
