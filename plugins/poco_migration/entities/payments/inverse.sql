-- Purpose: mi.com's payments in the columns of poco.payments: the inverse of extract.sql (on POCO's database).
-- Needs:   returned, rows in the shape of readback.sql. One row per row of it. Order: none.
select r.source_key,
       k.region,
       case when k.region is null           then 'market_unknown'
            when r.order_id is null         then 'parent_missing'
            when s.code is null             then 'status_unknown'
            when m.poco is null             then 'method_unknown'
            when u.unit is null             then 'currency_unknown'
            when mod(r.amount, u.unit) <> 0 then 'amount_too_fine' end as refused,
       r.order_id - poco_export.mi_key(0)    as order_id,
       m.poco                                as method,
       r.provider_ref,
       round(r.amount / u.unit)::bigint      as amount_minor,
       r.currency,
       s.code                                as status,
       r.paid_at at time zone k.time_zone    as paid_at
  from returned r
  left join poco_export.scope k on k.market = r.market
  left join poco_export.units u on u.currency = r.currency
  left join (values (1, 'authorised'), (2, 'captured'), (3, 'failed'), (4, 'refunded')) as s (code, status) on s.status = r.status
  left join (values ('card', 'card'), ('paypal', 'paypal'), ('transfer', 'transfer'), ('cod', 'cash_on_delivery')) as m (poco, method)
            on m.method = r.method
