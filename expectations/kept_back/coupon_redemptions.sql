-- Purpose: how many uses of coupons are kept back with a reason that POCO's own table bears out.
select r.region, a.reason, count(*) as rows
  from aside a
  join poco.coupon_redemptions r on r.id = a.source_key
  left join poco.orders o on o.id = r.order_id
 where case a.reason
         when 'currency_unknown' then not exists (select from poco.currencies u where u.code = o.currency)
         when 'amount_negative' then r.amount_minor < 0
         when 'parent_missing' then a.detail = 'orders ' || r.order_id end
 group by r.region, a.reason
