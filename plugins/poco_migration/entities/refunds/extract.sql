-- Purpose: POCO's refunds, in the shape of mi.refunds.
-- One row per refund, in the currency of its payment. Order: none.
select r.id                                      as source_key,
       r.region,
       case when s.status is null      then 'status_unknown'
            when u.unit is null and r.currency is not null then 'currency_unknown'
            when r.amount_minor <= 0   then 'amount_not_positive' end as refused,
       poco_export.mi_key(r.id)                  as refund_id,
       r.market,
       poco_export.mi_key(r.payment_id)          as payment_id,
       (r.amount_minor * u.unit)::numeric(18, 3) as amount,
       r.currency::text                          as currency,
       r.reason,
       s.status,
       r.refunded_at at time zone r.time_zone    as refunded_at
  from poco_export.refunds r
  left join poco_export.units u on u.currency = r.currency
  left join (values (1, 'requested'), (2, 'done'), (3, 'refused')) as s (code, status) on s.code = r.status
