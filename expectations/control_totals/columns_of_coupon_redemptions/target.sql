-- Control total: every column of uses of coupons, of which order and coupon each is, each summed by itself with the key; by POCO's keys.
select d.discount_id - mi.poco_key(0) as key, upper(o.market) as region, d.order_id - mi.poco_key(0) as purchase, d.coupon_ref - mi.poco_key(0) as coupon,
       d.amount, d.currency, d.redeemed_at as redeemed
  from mi.order_discounts d
  join mi.orders o on o.order_id = d.order_id
 where d.origin = 'poco'
