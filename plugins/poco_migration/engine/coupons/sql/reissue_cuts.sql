-- Purpose: cut the coupons that still have a step to go into ranges [lo, hi) of about as many each.
-- $1 how many coupons a range has at least, $2 how many ranges there are at most
  with open as (
    select coupon_id, row_number() over (order by coupon_id) - 1 as n, count(*) over () as total
      from migration.coupon_reissue
     where state in ('planned', 'reserved', 'issued'))
select coupon_id as lo, coalesce(lead(coupon_id) over (order by coupon_id), (select max(coupon_id) + 1 from open)) as hi
  from open
 where n % greatest($1::bigint, (total + $2::bigint - 1) / $2::bigint) = 0
 order by 1
