-- Purpose: of the customers whose points are kept back for want of a programme, those whose region has none: by migration.toml, or at mi.com.
--          Besides, whoever has points of POCO's in a market that has no programme.
select s.region, s.holder, s.balance, s.place, s.amount
  from balance_source s
  join migration.scope k on k.region = s.region
  left join mi.markets m on m.market = k.market
 where not (k.loyalty and m.loyalty is true)
 union all
select k.region, l.profile_id - mi.poco_key(0), 'points in a market without a programme', '', count(*)
  from mi.loyalty_entries l
  join mi.profiles p on p.profile_id = l.profile_id
  join mi.markets m on m.market = p.market
  join migration.scope k on k.market = p.market
 where l.origin = 'poco' and not (k.loyalty and m.loyalty)
 group by k.region, l.profile_id
