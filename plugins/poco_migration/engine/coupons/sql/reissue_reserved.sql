-- Purpose: note which planned coupons POCO has taken out of circulation, at which epoch and with the uses that were left at that
--          instant; the others were spent, revoked or taken by an order in between and are not reissued.
-- $1 source keys asked for, $2 the epoch of each that was reserved (else null), $3 its uses left; ascending, so that all lock in one order
update migration.coupon_reissue c
   set state = case when n.epoch is null then 'refused' else 'reserved' end, epoch = coalesce(n.epoch, c.epoch),
       uses_left = coalesce(n.uses_left, c.uses_left), changed_at = now()
  from (select p.coupon_id, k.epoch, k.uses_left
          from unnest($1::bigint[], $2::integer[], $3::integer[]) k (source_key, epoch, uses_left)
         cross join lateral (select r.coupon_id from migration.coupon_reissue r
                              where r.coupon_id = mi.poco_key(k.source_key) and r.state = 'planned' for update) p) n
 where c.coupon_id = n.coupon_id
   and c.coupon_id between mi.poco_key(($1::bigint[])[1]) and mi.poco_key(($1::bigint[])[cardinality($1::bigint[])])
