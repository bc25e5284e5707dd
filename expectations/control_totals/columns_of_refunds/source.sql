-- Control total: every column of refunds, and of which payment each is, each summed by itself with the key. Entity: refunds
-- Hashed: one row for each that should be at mi.com.
select r.id as key, r.region, r.payment_id as payment, round(r.amount_minor / (10::numeric ^ c.exponent), 3) as amount, p.currency, r.reason,
       case r.status when 1 then 'requested' when 2 then 'done' when 3 then 'refused' end as status,
       r.refunded_at at time zone s.time_zone as refunded
  from poco_export.audited_refunds r
  join poco.payments p on p.id = r.payment_id
  join poco.currencies c on c.code = p.currency
  join poco.stores s on s.region = r.region
 where r.id not in (select source_key from aside)
