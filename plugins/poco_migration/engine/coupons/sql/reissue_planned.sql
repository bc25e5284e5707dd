-- Purpose: what is about to be reissued, by region and kind.
select region, kind, count(*) as coupons, sum(uses_left) as uses
  from migration.coupon_reissue
 where state <> 'refused'
 group by region, kind
 order by region, kind
