-- Purpose: plan the reissue of POCO's coupons. Terms are frozen once a coupon has been reserved on the source.

insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'customers ' || (s.profile_id - mi.poco_key(0))
  from accepted s
 where s.profile_id is not null
   and not exists (select from mi.profiles p where p.profile_id = s.profile_id and p.market = s.market);

insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, case t.problem when '' then 'taken_back' else 'refused_by_target' end, t.problem
  from accepted s
  join migration.coupon_reissue t on t.coupon_id = s.coupon_id and t.state = 'given_back';

-- Section: delete
delete from migration.coupon_reissue t using gone g where t.coupon_id = mi.poco_key(g.source_key)
   and t.state in ('planned', 'refused', 'given_back');

-- Section: upsert
insert into migration.coupon_reissue as t (coupon_id, region, market, profile_id, kind, amount, percent, currency, minimum, category, stackable,
                                           uses_left, per_customer, valid_from, valid_until, extended)
select coupon_id, region, market, profile_id, kind, amount, percent, currency, minimum, category, stackable, uses_left, per_customer,
       valid_from, valid_until, extended
  from accepted
    on conflict (coupon_id) do update
   set state = 'planned', region = excluded.region, market = excluded.market, profile_id = excluded.profile_id, kind = excluded.kind, amount = excluded.amount,
       percent = excluded.percent, currency = excluded.currency, minimum = excluded.minimum, category = excluded.category,
       stackable = excluded.stackable, uses_left = excluded.uses_left, per_customer = excluded.per_customer,
       valid_from = excluded.valid_from, valid_until = excluded.valid_until, extended = excluded.extended
 where t.state in ('planned', 'refused')
   and (t.state, t.region, t.market, t.profile_id, t.kind, t.amount, t.percent, t.currency, t.minimum, t.category, t.stackable, t.uses_left,
        t.per_customer, t.valid_from, t.valid_until, t.extended)
       is distinct from
       ('planned', excluded.region, excluded.market, excluded.profile_id, excluded.kind, excluded.amount, excluded.percent, excluded.currency,
        excluded.minimum, excluded.category, excluded.stackable, excluded.uses_left, excluded.per_customer, excluded.valid_from,
        excluded.valid_until, excluded.extended);
