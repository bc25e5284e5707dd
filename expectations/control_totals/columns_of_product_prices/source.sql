-- Control total: every column of list prices, each summed by itself with the key. Entity: product_prices
-- Hashed: one row for each that should be at mi.com.
select r.id as key, r.region, r.product_id as article, r.currency, round(r.amount_minor / (10::numeric ^ c.exponent), 3) as amount,
       r.valid_from at time zone s.time_zone as begins, r.valid_to at time zone s.time_zone as ends
  from poco.product_prices r
  join poco.currencies c on c.code = r.currency
  join poco.stores s on s.region = r.region
 where r.id not in (select source_key from aside)
