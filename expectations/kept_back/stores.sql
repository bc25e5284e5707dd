-- Purpose: how many stores are kept back with a reason that POCO's own table bears out.
select s.region, a.reason, count(*) as rows
  from aside a
  join poco.stores s on s.id = a.source_key
 where case a.reason
         when 'market_missing' then false end
 group by s.region, a.reason
