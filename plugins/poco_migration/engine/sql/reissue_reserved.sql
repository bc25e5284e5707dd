-- Purpose: note which planned coupons POCO has taken out of circulation, at which epoch and with the uses that were left at that
--          instant; the others were spent, revoked or taken by an order in between and are not reissued.
-- $1 source keys asked for, $2 source keys reserved, $3 their epochs, $4 their uses left
-- Shape:   the keys ascend; why their range is said besides: reissue_issued.sql.
update migration.coupon_reissue c
   set state = case when n.epoch is null then 'refused' else 'reserved' end, epoch = coalesce(n.epoch, c.epoch),
       uses_left = coalesce(n.uses_left, c.uses_left), changed_at = now()
  from (select p.coupon_id, r.epoch, r.uses_left
          from unnest($1::bigint[]) asked (source_key)
          join migration.coupon_reissue p on p.coupon_id = mi.poco_key(asked.source_key)
          left join unnest($2::bigint[], $3::integer[], $4::integer[]) r (source_key, epoch, uses_left) on r.source_key = asked.source_key
         where p.state = 'planned' and p.coupon_id between mi.poco_key(($1::bigint[])[1]) and mi.poco_key(($1::bigint[])[cardinality($1::bigint[])])
         order by p.coupon_id for update of p) n
 where c.coupon_id = n.coupon_id
   and c.coupon_id between mi.poco_key(($1::bigint[])[1]) and mi.poco_key(($1::bigint[])[cardinality($1::bigint[])])
