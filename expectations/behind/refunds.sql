-- Purpose: money of refunds that do not move. Entity: refunds
select r.region, 'refunds, ' || p.currency || case when c.code is null then ' (minor units)' else '' end as what, count(*) as rows,
       round(sum(r.amount_minor / (10::numeric ^ coalesce(c.exponent, 0))), 3) as amount
  from poco.refunds r
  join poco.payments p on p.id = r.payment_id
  left join poco.currencies c on c.code = p.currency
 where r.id in (select source_key from behind)
 group by 1, 2
