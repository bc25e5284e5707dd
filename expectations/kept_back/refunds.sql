-- Purpose: how many refunds are kept back with a reason that POCO's own table bears out.
select r.region, a.reason, count(*) as rows
  from aside a
  join poco.refunds r on r.id = a.source_key
  left join poco.payments p on p.id = r.payment_id
 where case a.reason
         when 'status_unknown' then r.status not in (1, 2, 3)
         when 'currency_unknown' then not exists (select from poco.currencies u where u.code = p.currency)
         when 'amount_not_positive' then r.amount_minor < 1
         when 'parent_missing' then a.detail = 'payments ' || r.payment_id end
 group by r.region, a.reason
