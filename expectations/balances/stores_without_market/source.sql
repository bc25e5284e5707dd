-- Purpose: the stores that are kept back because mi.com lacks their market; mi.com says below whether that is so.
-- Entity: stores
select s.region, s.id as holder, 'stores without a market' as balance, '' as place, 1 as amount
  from aside a
  join poco.stores s on s.id = a.source_key
 where a.reason = 'market_missing'
