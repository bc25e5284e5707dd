-- Control total: every column of coupons that can still be spent, each summed by itself with the key. Entity: coupons
-- Hashed: one row for each that should be at mi.com.
-- Void from the cutover until the end of the gap, a coupon that would end by then has afterwards the days it had at the cutover. What a job of
-- POCO's takes in the gap is not taken: the end is the later one of then and now, and one that was expired in it has the uses of then, if
-- those are more.
with term as (
select c.id, c.region, c.kind, c.value_minor, c.percent, c.currency, c.minimum_minor, c.category, c.stackable, c.customer_id, c.per_customer,
       c.valid_from, s.time_zone, r.coupon_gap_ends as gap_ends, r.coupon_gap_ends - r.cutover_at as gap,
       (select max(d.day) from (values (c.valid_until), (o.valid_until)) d (day)) at time zone s.time_zone as at_poco,
       (select max(n.uses) from (values (c.uses_left), (case when c.status = 3 then o.uses_left end)) n (uses)) as uses
  from poco.coupons c
  join poco.stores s on s.region = c.region
 cross join poco_export.rules r
  left join poco_export.owed_coupons o on o.coupon_id = c.id
 where c.id not in (select source_key from aside))
select t.id as key, t.region, t.customer_id as customer, case t.kind when 1 then 'fixed' when 2 then 'percent' when 3 then 'free_shipping' end as kind,
       case t.kind when 1 then round(t.value_minor / (10::numeric ^ u.exponent), 3) end as amount, case t.kind when 2 then t.percent end as percent,
       t.currency, round(t.minimum_minor / (10::numeric ^ u.exponent), 3) as minimum, t.category, t.stackable, t.uses, t.per_customer,
       t.valid_from at time zone t.time_zone as begins, case when t.at_poco > t.gap_ends then t.at_poco else t.at_poco + t.gap end as ends,
       t.at_poco <= t.gap_ends as extended
  from term t
  join poco.currencies u on u.code = t.currency
