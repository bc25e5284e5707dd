-- Control total: every column of coupons that can still be spent, each summed by itself with the key. Entity: coupons
-- Hashed: one row for each that should be at mi.com.
-- A coupon that would end before coupons are reissued is extended by the time for which it was void. The end is that of the handover, though
-- POCO's own job has set an earlier one since.
select c.id as key, c.region, c.customer_id as customer, case c.kind when 1 then 'fixed' when 2 then 'percent' when 3 then 'free_shipping' end as kind,
       case c.kind when 1 then round(c.value_minor / (10::numeric ^ u.exponent), 3) end as amount, case c.kind when 2 then c.percent end as percent,
       c.currency, round(c.minimum_minor / (10::numeric ^ u.exponent), 3) as minimum, c.category, c.stackable, c.uses_left as uses, c.per_customer,
       c.valid_from at time zone s.time_zone as begins,
       case when e.at_poco > r.coupon_gap_ends then e.at_poco else e.at_poco + (r.coupon_gap_ends - r.cutover_at) end as ends,
       e.at_poco <= r.coupon_gap_ends as extended
  from poco.coupons c
  join poco.currencies u on u.code = c.currency
  join poco.stores s on s.region = c.region
 cross join poco_export.rules r
 left join poco_export.owed_coupons o on o.coupon_id = c.id
 cross join lateral (select greatest(c.valid_until, o.valid_until) at time zone s.time_zone as at_poco) e
 where c.id not in (select source_key from aside)
