-- Control total: money of payments by currency and status. Entity: payments
select p.region, p.currency || ' ' || case p.status when 1 then 'authorised' when 2 then 'captured' when 3 then 'failed' when 4 then 'refunded' end as bucket,
       round(sum(p.amount_minor) / (10::numeric ^ c.exponent), 3) as amount
  from poco.payments p
  join poco.currencies c on c.code = p.currency
 where p.id not in (select source_key from aside)
 group by p.region, bucket, c.exponent
