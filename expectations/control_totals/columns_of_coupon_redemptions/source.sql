-- Control total: every column of uses of coupons, of which order and coupon each is, each summed by itself with the key. Entity: coupon_redemptions
-- Hashed: one row for each that should be at mi.com.
select r.id as key, r.region, r.order_id as purchase, r.coupon_id as coupon, round(r.amount_minor / (10::numeric ^ c.exponent), 3) as amount, o.currency,
       r.redeemed_at at time zone s.time_zone as redeemed
  from poco.coupon_redemptions r
  join poco.orders o on o.id = r.order_id
  join poco.currencies c on c.code = o.currency
  join poco.stores s on s.region = r.region
 where r.id not in (select source_key from aside)
