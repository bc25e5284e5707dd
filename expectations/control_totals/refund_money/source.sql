-- Control total: money given back, by currency and status. Entity: refunds
select r.region, p.currency || ' ' || case r.status when 1 then 'requested' when 2 then 'done' when 3 then 'refused' end as bucket,
       round(sum(r.amount_minor) / (10::numeric ^ c.exponent), 3) as amount
  from poco.refunds r
  join poco.payments p on p.id = r.payment_id
  join poco.currencies c on c.code = p.currency
 where r.id not in (select source_key from aside)
 group by r.region, bucket, c.exponent
