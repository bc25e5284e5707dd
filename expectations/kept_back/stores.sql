-- Purpose: how many stores are kept back with a reason that POCO's own table bears out.
-- Rule:    whether mi.com lacks the market is asked there, by the balance stores_without_market.
select s.region, a.reason, count(*) as rows
  from aside a
  join poco.stores s on s.id = a.source_key
 where a.reason = 'market_missing'
 group by s.region, a.reason
