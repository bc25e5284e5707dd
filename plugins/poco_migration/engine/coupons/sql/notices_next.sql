-- Purpose: the next vouchers to tell of: whom, in which language, on which template, and what they are good for.
-- $1 run, $2 region, $3 after this coupon (target key; null: from the first), $4 how many
-- Rule:    a public code is told to nobody by name: its template goes to whoever publishes the region's codes. An account that is
--          closed is told nothing.
select c.coupon_id, v.reissue_id as notice, p.account_id, coalesce(nullif(p.locale, ''), m.language) as language,
       'coupon_' || case when v.profile_id is null then 'public_' else '' end || v.kind as template,
       c.region, v.kind, v.amount, v.percent, v.currency, v.minimum, v.category, v.stackable, v.uses_total as uses, v.per_customer,
       v.valid_from, v.valid_until, c.extended or v.valid_until > c.valid_until as extended, v.code
  from migration.coupon_reissue c
  join mi.vouchers v on v.reissue_id = c.reissue_id
  join mi.markets m on m.market = v.market
  left join mi.profiles p on p.profile_id = v.profile_id
 where c.noticed_by = $1 and c.region = $2 and ($3::bigint is null or c.coupon_id > $3) and (p.profile_id is null or p.status = 'active')
 order by c.coupon_id
 limit $4
