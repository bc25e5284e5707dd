-- Purpose: POCO's payments, in the shape of mi.payments.
-- One row per payment. Order: none.
select p.id                                      as source_key,
       p.region,
       case when s.status is null     then 'status_unknown'
            when m.method is null     then 'method_unknown'
            when u.unit is null       then 'currency_unknown'
            when p.amount_minor < 0   then 'amount_negative' end as refused,
       poco_export.mi_key(p.id)                  as payment_id,
       p.market,
       poco_export.mi_key(p.order_id)            as order_id,
       m.method,
       p.provider_ref,
       (p.amount_minor * u.unit)::numeric(18, 3) as amount,
       p.currency::text                          as currency,
       s.status,
       p.paid_at at time zone p.time_zone        as paid_at
  from poco_export.payments p
  left join poco_export.units u on u.currency = p.currency
  left join (values (1, 'authorised'), (2, 'captured'), (3, 'failed'), (4, 'refunded')) as s (code, status) on s.code = p.status
  left join (values ('card', 'card'), ('paypal', 'paypal'), ('transfer', 'transfer'), ('cod', 'cash_on_delivery')) as m (code, method) on m.code = p.method
