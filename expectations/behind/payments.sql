-- Purpose: money of captured and other payments that do not move. Entity: payments
select p.region, 'payments, ' || p.currency || case when c.code is null then ' (minor units)' else '' end as what, count(*) as rows,
       round(sum(p.amount_minor / (10::numeric ^ coalesce(c.exponent, 0))), 3) as amount
  from poco.payments p
  left join poco.currencies c on c.code = p.currency
 where p.id in (select source_key from behind)
 group by 1, 2
