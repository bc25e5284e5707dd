-- Purpose: how many payments are kept back with a reason that POCO's own table bears out.
select p.region, a.reason, count(*) as rows
  from aside a
  join poco.payments p on p.id = a.source_key
 where case a.reason
         when 'status_unknown' then p.status not in (1, 2, 3, 4)
         when 'method_unknown' then p.method not in ('card', 'paypal', 'transfer', 'cod')
         when 'currency_unknown' then not exists (select from poco.currencies u where u.code = p.currency)
         when 'amount_negative' then p.amount_minor < 0
         when 'parent_missing' then a.detail = 'orders ' || p.order_id end
 group by p.region, a.reason
