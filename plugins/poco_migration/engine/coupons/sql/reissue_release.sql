-- Purpose: the vouchers of coupons that POCO has given up may be spent; those of coupons that it has again never.
-- Needs:   POCO's word, which is final for an epoch. A voucher that somebody has cancelled keeps its coupon unfinished.
-- $1 source keys, $2 their epochs, $3 whether POCO has given them up; ascending, so that all lock in one order
  with ended as materialized (
    select p.coupon_id, p.reissue_id, k.void
      from unnest($1::bigint[], $2::integer[], $3::boolean[]) k (source_key, epoch, void)
     cross join lateral (select r.coupon_id, r.reissue_id from migration.coupon_reissue r
                          where r.coupon_id = mi.poco_key(k.source_key) and r.epoch = k.epoch and r.state = 'issued' for update) p),
    settled as (
    update mi.vouchers v
       set state = case when e.void then 'spendable' else 'cancelled' end, spendable_since = case when e.void then now() end
      from ended e
     where v.reissue_id = e.reissue_id and v.state = 'issued'
    returning e.coupon_id, e.void)
update migration.coupon_reissue c
   set state = o.state, changed_at = now()
  from (select coupon_id, case when void then 'done' else 'given_back' end as state from settled
         union
        select coupon_id, 'given_back' from ended where not void) o
 where c.coupon_id = o.coupon_id
   and c.coupon_id between mi.poco_key(($1::bigint[])[1]) and mi.poco_key(($1::bigint[])[cardinality($1::bigint[])])
