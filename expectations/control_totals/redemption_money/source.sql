-- Control total: what coupons took off orders, by currency. Entity: coupon_redemptions
select r.region, o.currency || ' taken off' as bucket, round(sum(r.amount_minor) / (10::numeric ^ c.exponent), 3) as amount
  from poco.coupon_redemptions r
  join poco.orders o on o.id = r.order_id
  join poco.currencies c on c.code = o.currency
 where r.id not in (select source_key from aside)
 group by r.region, bucket, c.exponent
