-- Control total: money of payments by currency, and which payment is of which order. Entity: payments
-- Lasting: what was paid was paid; its status goes on at mi.com, its amount does not change.
select p.region, p.currency || ' paid' as bucket, round(sum(p.amount_minor) / (10::numeric ^ c.exponent), 3) as amount
  from poco.payments p
  join poco.currencies c on c.code = p.currency
 where p.id not in (select source_key from aside)
 group by p.region, bucket, c.exponent
 union all
select p.region, 'payment times order', sum(p.id::numeric * p.order_id)
  from poco.payments p
 where p.id not in (select source_key from aside)
 group by p.region
