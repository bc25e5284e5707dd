-- Purpose: note that the vouchers of these coupons exist, when they end and on which day they were issued.
-- $1 coupons (target keys), $2 their epochs, $3 reissue ids, $4 the day of issue; ascending, so that all lock in one order
update migration.coupon_reissue c
   set state = 'issued', reissue_id = n.reissue_id, issued_on = $4, changed_at = now(),
       issued_until = (select v.valid_until from mi.vouchers v where v.reissue_id = n.reissue_id)
  from (select p.coupon_id, k.reissue_id
          from unnest($1::bigint[], $2::integer[], $3::uuid[]) k (coupon_id, epoch, reissue_id)
         cross join lateral (select r.coupon_id from migration.coupon_reissue r
                              where r.coupon_id = k.coupon_id and r.epoch = k.epoch and r.state = 'reserved' for update) p) n
 where c.coupon_id = n.coupon_id and c.coupon_id between ($1::bigint[])[1] and ($1::bigint[])[cardinality($1::bigint[])]
