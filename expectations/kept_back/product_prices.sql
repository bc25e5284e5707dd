-- Purpose: how many list prices are kept back with a reason that POCO's own table bears out, and how many are not though they must be.
select r.region, a.reason, count(*) as rows
  from aside a
  join poco.product_prices r on r.id = a.source_key
 where case a.reason
         when 'currency_unknown' then not exists (select from poco.currencies u where u.code = r.currency)
         when 'price_not_positive' then r.amount_minor < 1
         when 'parent_missing' then a.detail = 'products ' || r.product_id end
 group by r.region, a.reason
 union all
select r.region, 'not kept back: ' || must.reason, count(*)
  from poco.product_prices r
 cross join lateral (select case
            when not exists (select from poco.currencies u where u.code = r.currency) then 'currency_unknown'
            when r.amount_minor < 1 then 'price_not_positive' end as reason) must
 where must.reason is not null and r.id not in (select source_key from aside)
 group by r.region, must.reason
