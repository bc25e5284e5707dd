-- Control total: every column of coupons that can still be spent, each summed by itself with the key; by POCO's keys.
-- The vouchers that can be spent, with the uses they were issued with; before the reissue, what is planned.
-- A gap ends on the day of issue, if that is later than planned. A voucher shows the planned end if it ends as late as that makes of it.
select p.coupon_id - mi.poco_key(0) as key, upper(v.market) as region, v.profile_id - mi.poco_key(0) as customer, v.kind, v.amount, v.percent, v.currency,
       v.minimum, v.category, v.stackable, v.uses_total as uses, v.per_customer, v.valid_from as begins,
       case when v.valid_until = case when at_poco.ends <= void.ends then void.ends + (at_poco.ends - r.cutover_at) else at_poco.ends end
            then p.valid_until else v.valid_until end as ends,
       p.extended
  from mi.vouchers v
  join migration.coupon_reissue p on p.reissue_id = v.reissue_id
 cross join migration.rules r
 cross join lateral (select greatest(p.issued_on, r.gap_ends) as ends) void
 cross join lateral (select case when p.extended then p.valid_until - (r.gap_ends - r.cutover_at) else p.valid_until end as ends) at_poco
 where v.origin = 'poco' and v.spendable_since is not null
 union all
select p.coupon_id - mi.poco_key(0), p.region, p.profile_id - mi.poco_key(0), p.kind, p.amount, p.percent, p.currency,
       p.minimum, p.category, p.stackable, p.uses_left, p.per_customer, p.valid_from, p.valid_until, p.extended
  from migration.coupon_reissue p
 where p.state = 'planned' and p.region = upper(p.market)
