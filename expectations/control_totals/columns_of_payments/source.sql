-- Control total: every column of payments, and of which order each is, each summed by itself with the key. Entity: payments
-- Hashed: one row for each that should be at mi.com.
select p.id as key, p.region, p.order_id as purchase, case p.method when 'cod' then 'cash_on_delivery' else p.method end as method,
       p.provider_ref, round(p.amount_minor / (10::numeric ^ c.exponent), 3) as amount, p.currency,
       case p.status when 1 then 'authorised' when 2 then 'captured' when 3 then 'failed' when 4 then 'refunded' end as status,
       p.paid_at at time zone s.time_zone as paid
  from poco_export.audited_payments p
  join poco.currencies c on c.code = p.currency
  join poco.stores s on s.region = p.region
 where p.id not in (select source_key from aside)
