-- Control total: money of payments by currency and status. Entity: payments
select o.region, p.currency || ' ' || case p.status when 1 then 'authorised' when 2 then 'captured' when 3 then 'failed' when 4 then 'refunded' end as bucket,
       round(sum(p.amount_minor) / (10::numeric ^ c.exponent), 3) as amount
  from poco.payments p
  join poco.orders o on o.id = p.order_id
  join poco.currencies c on c.code = p.currency
 where p.id not in (select source_key from aside)
 group by o.region, bucket, c.exponent
