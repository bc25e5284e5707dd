-- Control total: list prices by currency. Entity: product_prices
select p.region, r.currency || ' list prices' as bucket, round(sum(r.amount_minor) / (10::numeric ^ c.exponent), 3) as amount
  from poco.product_prices r
  join poco.products p on p.id = r.product_id
  join poco.currencies c on c.code = r.currency
 where r.id not in (select source_key from aside)
 group by p.region, bucket, c.exponent
