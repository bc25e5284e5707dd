-- Purpose: the migrated refunds, read back in the shape of extract.sql.
-- One row per refund. Order: none.
select t.refund_id - mi.poco_key(0) as source_key,
       m.region,
       'migrated'                   as outcome,
       t.refund_id, o.market, t.payment_id, t.amount, t.currency, t.reason, t.status, t.refunded_at
  from mi.refunds t
  join mi.payments p on p.payment_id = t.payment_id
  join mi.orders o on o.order_id = p.order_id
  join mi.market_origins m on m.market = o.market
 where t.origin = 'poco'  -- POCO's mark
