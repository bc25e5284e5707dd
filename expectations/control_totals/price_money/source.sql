-- Control total: list prices by currency. Entity: product_prices
select r.region, r.currency || ' list prices' as bucket, round(sum(r.amount_minor) / (10::numeric ^ c.exponent), 3) as amount
  from poco.product_prices r
  join poco.currencies c on c.code = r.currency
 where r.id not in (select source_key from aside)
 group by r.region, bucket, c.exponent
