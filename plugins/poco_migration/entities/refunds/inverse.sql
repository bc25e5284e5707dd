-- Purpose: mi.com's refunds in the columns of poco.refunds: the inverse of extract.sql (on POCO's database).
-- Needs:   returned, rows in the shape of readback.sql. One row per row of it. Order: none.
select r.source_key,
       k.region,
       case when k.region is null           then 'market_unknown'
            when r.payment_id is null       then 'parent_missing'
            when s.code is null             then 'status_unknown'
            when u.unit is null             then 'currency_unknown'
            when mod(r.amount, u.unit) <> 0 then 'amount_too_fine' end as refused,
       r.payment_id - poco_export.mi_key(0)   as payment_id,
       round(r.amount / u.unit)::bigint       as amount_minor,
       r.reason,
       s.code                                 as status,
       r.refunded_at at time zone k.time_zone as refunded_at
  from returned r
  left join poco_export.scope k on k.market = r.market
  left join poco_export.units u on u.currency = r.currency
  left join (values (1, 'requested'), (2, 'done'), (3, 'refused')) as s (code, status) on s.status = r.status
