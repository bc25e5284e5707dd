-- Purpose: make the voucher of a reserved coupon, unspendable yet. A second issue meets the unique reissue id.
-- $1 coupons (target keys), $2 reissue ids, $3 codes
insert into mi.vouchers (code, reissue_id, market, profile_id, kind, amount, percent, currency, minimum, category, stackable,
                         uses_left, per_customer, state, valid_from, valid_until, origin)
select n.code, n.reissue_id, c.market, c.profile_id, c.kind, c.amount, c.percent, c.currency, c.minimum, c.category, c.stackable,
       c.uses_left, c.per_customer, 'issued', c.valid_from, c.valid_until, 'poco'
  from unnest($1::bigint[], $2::uuid[], $3::text[]) n (coupon_id, reissue_id, code)
  join migration.coupon_reissue c on c.coupon_id = n.coupon_id and c.state = 'reserved'
    on conflict (reissue_id) do nothing
