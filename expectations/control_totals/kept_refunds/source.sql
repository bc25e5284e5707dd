-- Control total: money given back by currency, and which refund is of which payment. Entity: refunds
-- Lasting: a refund that POCO has begun goes on at mi.com; its amount does not change.
select r.region, p.currency || ' given back' as bucket, round(sum(r.amount_minor) / (10::numeric ^ c.exponent), 3) as amount
  from poco.refunds r
  join poco.payments p on p.id = r.payment_id
  join poco.currencies c on c.code = p.currency
 where r.id not in (select source_key from aside)
 group by r.region, bucket, c.exponent
 union all
select r.region, 'refund times payment', sum(r.id::numeric * r.payment_id)
  from poco.refunds r
 where r.id not in (select source_key from aside)
 group by r.region
