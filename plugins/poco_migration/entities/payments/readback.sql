-- Purpose: the migrated payments, read back in the shape of extract.sql.
-- One row per payment. Order: none.
select t.payment_id - mi.poco_key(0) as source_key,
       m.region,
       'migrated'                    as outcome,
       t.payment_id, o.market, t.order_id, t.method, t.provider_ref, t.amount, t.currency, t.status, t.paid_at
  from mi.payments t
  join mi.orders o on o.order_id = t.order_id
  join mi.market_origins m on m.market = o.market
 where t.origin = 'poco'  -- POCO's mark
