-- Control total: what coupons are worth at the cutover, by kind and currency. Entity: coupons
-- 1: what can still be taken off (an amount each time, or per cent each time); 2: how many uses are left.
select c.region, v.kind || ' ' || c.currency || v.what as bucket, round(sum(v.worth), 3) as amount
  from poco.coupons c
  join poco.currencies u on u.code = c.currency
 cross join lateral (select case c.kind when 1 then 'fixed' when 2 then 'percent' when 3 then 'free_shipping' end as kind, ' worth' as what,
                            c.uses_left * case c.kind when 1 then c.value_minor / (10::numeric ^ u.exponent) when 2 then c.percent else 0 end as worth
                      union all
                     select case c.kind when 1 then 'fixed' when 2 then 'percent' when 3 then 'free_shipping' end, ' uses', c.uses_left) v
 where c.id not in (select source_key from aside)
 group by c.region, bucket
