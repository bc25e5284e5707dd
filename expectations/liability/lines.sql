-- Purpose: where the liability of the freeze is now, by region, currency, kind and audience (on the target). What was issued is taken
--          from mi.com's vouchers as they were released, what was spent from POCO's own count, what was refused by the key.
-- Rule:    the voucher of a person who was erased is no longer issued: it is cancelled, and its coupon is among those with a reason.
-- Needs:   the temporary table poco_left (source_key, uses), filled by left.sql; $1 the run.
insert into migration.liability (run, region, currency, kind, audience, line, coupons, uses, worth)
select $1, region, currency, kind, audience, line, count(*) filter (where counts), sum(uses), round(sum(uses * worth), 3)
  from (select region, currency, kind, audience, 'freeze' as line, true as counts, uses, worth
          from migration.coupon_freeze
         union all
        select o.region, v.currency, v.kind, case when v.profile_id is null then 'public' else 'personal' end, 'issued', true,
               v.uses_total, coalesce(v.amount, v.percent, 0)
          from mi.vouchers v
          join mi.market_origins o on o.market = v.market
         where v.origin = 'poco' and v.spendable_since is not null
           and not exists (select from migration.left_out l
                            where l.entity = 'coupons' and l.reason = 'person_erased' and l.source_key = v.coupon_ref - mi.poco_key(0))
         union all
        select f.region, f.currency, f.kind, f.audience, 'spent', false, f.uses - p.uses, f.worth
          from migration.coupon_freeze f
          join poco_left p on p.source_key = f.coupon_id
         where f.uses <> p.uses
         union all
        select f.region, f.currency, f.kind, f.audience, a.reason, true, f.uses, f.worth
          from migration.coupon_freeze f
          join (select source_key, reason from migration.quarantine where entity = 'coupons' and resolved_at is null
                 union all
                select source_key, reason from migration.left_out where entity = 'coupons') a on a.source_key = f.coupon_id) l
 group by region, currency, kind, audience, line
