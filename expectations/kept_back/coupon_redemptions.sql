-- Purpose: how many uses of coupons are kept back with a reason that POCO's own table bears out, and how many are not though they must be.
select r.region, a.reason, count(*) as rows
  from aside a
  join poco.coupon_redemptions r on r.id = a.source_key
  left join poco.orders o on o.id = r.order_id
 where case a.reason
         when 'currency_unknown' then not exists (select from poco.currencies u where u.code = o.currency)
         when 'amount_negative' then r.amount_minor < 0
         when 'parent_missing' then a.detail = 'orders ' || r.order_id end
 group by r.region, a.reason
 union all
select r.region, 'not kept back: ' || must.reason, count(*)
  from poco.coupon_redemptions r
  left join poco.orders o on o.id = r.order_id
 cross join lateral (select case
            when not exists (select from poco.currencies u where u.code = o.currency) then 'currency_unknown'
            when r.amount_minor < 0 then 'amount_negative' end as reason) must
 where must.reason is not null and r.id not in (select source_key from aside)
 group by r.region, must.reason
