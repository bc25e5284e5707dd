-- Purpose: uses that are left of coupons that do not move. Entity: coupons
select c.region, 'uses of coupons' as what, count(*) as rows, sum(c.uses_left)::numeric as amount
  from poco.coupons c
 where c.id in (select source_key from behind)
 group by 1
