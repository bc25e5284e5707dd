-- Purpose: money of orders, in units of the currency where POCO knows its exponent, else as POCO counts it. Entity: orders
-- behind(source_key) holds the keys that are in quarantine.
select o.region, 'orders, ' || o.currency || case when c.code is null then ' (minor units)' else '' end as what, count(*) as rows,
       round(sum(o.total_minor / (10::numeric ^ coalesce(c.exponent, 0))), 3) as amount
  from poco.orders o
  left join poco.currencies c on c.code = o.currency
 where o.id in (select source_key from behind)
 group by 1, 2
