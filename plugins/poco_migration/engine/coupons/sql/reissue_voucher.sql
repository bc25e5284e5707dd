-- Purpose: make the voucher of a reserved coupon, unspendable yet. A second issue meets the unique reissue id; all insert in the
--          order of the coupons, so whoever comes second waits for the first and then finds all of it there.
-- $1 coupons (target keys), $2 their epochs, $3 reissue ids, $4 codes, $5 the day of issue, $6 the cutover, $7 the end of the gap as planned
-- Rule:    the gap ends at the issue. Where that is later than planned, what was extended is extended by the rest, and what would have
--          ended meanwhile by all of it: each has the days that it had at the cutover.
-- Shape:   the keys ascend, and the range that they span is said besides: the planner knows nothing of states that change by the second.
insert into mi.vouchers (code, reissue_id, coupon_ref, market, profile_id, kind, amount, percent, currency, minimum, category, stackable,
                         uses_total, uses_left, per_customer, state, valid_from, valid_until, origin)
select n.code, n.reissue_id, c.coupon_id, c.market, c.profile_id, c.kind, c.amount, c.percent, c.currency, c.minimum, c.category, c.stackable,
       c.uses_left, c.uses_left, c.per_customer, 'issued', c.valid_from,
       c.valid_until + case when c.extended then greatest($5::timestamptz - $7::timestamptz, interval '0')
                            when c.valid_until <= $5::timestamptz then $5::timestamptz - $6::timestamptz
                            else interval '0' end,
       'poco'
  from unnest($1::bigint[], $2::integer[], $3::uuid[], $4::text[]) n (coupon_id, epoch, reissue_id, code)
  join migration.coupon_reissue c on c.coupon_id = n.coupon_id and c.epoch = n.epoch and c.state = 'reserved'
   and c.coupon_id between ($1::bigint[])[1] and ($1::bigint[])[cardinality($1::bigint[])]
 order by c.coupon_id
    on conflict (reissue_id) do nothing
