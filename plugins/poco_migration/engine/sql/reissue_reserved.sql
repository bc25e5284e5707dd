-- Purpose: note which planned coupons POCO has taken out of circulation, with the uses that were left at that instant;
--          the others were spent, revoked or taken by an order in between and are not reissued.
-- $1 source keys asked for, $2 source keys reserved, $3 their uses left
update migration.coupon_reissue c
   set state = case when r.source_key is null then 'refused' else 'reserved' end,
       uses_left = coalesce(r.uses_left, c.uses_left), changed_at = now()
  from unnest($1::bigint[]) asked (source_key)
  left join unnest($2::bigint[], $3::integer[]) r (source_key, uses_left) on r.source_key = asked.source_key
 where c.coupon_id = mi.poco_key(asked.source_key) and c.state = 'planned'
