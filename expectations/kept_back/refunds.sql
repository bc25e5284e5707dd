-- Purpose: how many refunds are kept back with a reason that POCO's own table bears out, and how many are not though they must be.
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
 union all
select r.region, 'not kept back: ' || must.reason, count(*)
  from poco.refunds r
  left join poco.payments p on p.id = r.payment_id
 cross join lateral (select case
            when r.status not in (1, 2, 3) then 'status_unknown'
            when not exists (select from poco.currencies u where u.code = p.currency) then 'currency_unknown'
            when r.amount_minor < 1 then 'amount_not_positive' end as reason) must
 where must.reason is not null and r.id not in (select source_key from aside)
 group by r.region, must.reason
