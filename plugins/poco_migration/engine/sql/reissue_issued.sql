-- Purpose: note that the vouchers of these coupons exist.
-- $1 coupons (target keys), $2 their epochs, $3 reissue ids
-- Shape:   the keys ascend. The range that they span is said besides, for the statistics know nothing of states that change by the second,
--          and without it the planner reads the whole table for each batch.
update migration.coupon_reissue c
   set state = 'issued', reissue_id = n.reissue_id, changed_at = now()
  from (select p.coupon_id, k.reissue_id
          from unnest($1::bigint[], $2::integer[], $3::uuid[]) k (coupon_id, epoch, reissue_id)
          join migration.coupon_reissue p on p.coupon_id = k.coupon_id and p.epoch = k.epoch
         where p.state = 'reserved' and p.coupon_id between ($1::bigint[])[1] and ($1::bigint[])[cardinality($1::bigint[])]
         order by p.coupon_id for update of p) n
 where c.coupon_id = n.coupon_id
   and c.coupon_id between ($1::bigint[])[1] and ($1::bigint[])[cardinality($1::bigint[])]
