-- Purpose: how many payments are kept back with a reason that POCO's own table bears out, and how many are not though they must be.
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
 union all
select p.region, 'not kept back: ' || must.reason, count(*)
  from poco.payments p
 cross join lateral (select case
            when p.status not in (1, 2, 3, 4) then 'status_unknown'
            when p.method not in ('card', 'paypal', 'transfer', 'cod') then 'method_unknown'
            when not exists (select from poco.currencies u where u.code = p.currency) then 'currency_unknown'
            when p.amount_minor < 0 then 'amount_negative' end as reason) must
 where must.reason is not null and p.id not in (select source_key from aside)
 group by p.region, must.reason
