-- Purpose: of the stores that are kept back because mi.com lacks their market, those whose market is not there.
select s.region, s.holder, s.balance, s.place, s.amount
  from balance_source s
  join migration.scope k on k.region = s.region
 where not exists (select from mi.markets m where m.market = k.market)
