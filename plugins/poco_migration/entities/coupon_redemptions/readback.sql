-- Purpose: the migrated redemptions, read back in the shape of extract.sql.
-- One row per redemption. Order: none.
select t.discount_id - mi.poco_key(0) as source_key,
       m.region,
       'migrated'                     as outcome,
       t.discount_id, o.market, t.order_id, t.amount, t.currency, t.coupon_ref, t.redeemed_at
  from mi.order_discounts t
  join mi.orders o on o.order_id = t.order_id
  join mi.market_origins m on m.market = o.market
 where t.origin = 'poco'  -- POCO's mark
