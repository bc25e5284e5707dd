-- Purpose: how many list prices are kept back with a reason that POCO's own table bears out.
select r.region, a.reason, count(*) as rows
  from aside a
  join poco.product_prices r on r.id = a.source_key
 where case a.reason
         when 'currency_unknown' then not exists (select from poco.currencies u where u.code = r.currency)
         when 'price_not_positive' then r.amount_minor < 1
         when 'parent_missing' then a.detail = 'products ' || r.product_id end
 group by r.region, a.reason
