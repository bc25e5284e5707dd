-- Purpose: upsert the redemptions of migrated orders.

-- Without its order at POCO a row has no currency, so no amount; mi.com may have that order still.
insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'orders ' || (s.order_id - mi.poco_key(0))
  from accepted s
 where s.amount is null
    or not exists (select from mi.orders o where o.order_id = s.order_id and o.market = s.market);

-- Section: delete
delete from mi.order_discounts t using gone g where t.discount_id = mi.poco_key(g.source_key);

-- Section: upsert
insert into mi.order_discounts as t (discount_id, order_id, amount, currency, coupon_ref, redeemed_at, origin)
select discount_id, order_id, amount, currency, coupon_ref, redeemed_at, 'poco'
  from accepted
    on conflict (discount_id) do update
   set order_id = excluded.order_id, amount = excluded.amount, currency = excluded.currency, coupon_ref = excluded.coupon_ref,
       redeemed_at = excluded.redeemed_at
 where (t.order_id, t.amount, t.currency, t.coupon_ref, t.redeemed_at)
       is distinct from (excluded.order_id, excluded.amount, excluded.currency, excluded.coupon_ref, excluded.redeemed_at);
