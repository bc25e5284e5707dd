-- Purpose: what POCO owes in coupons, coupon by coupon, from the original tables (on the source, as the auditor): asked at the snapshot
--          of the switch, at which the orders are handed over, and once more when the coupons are closed, for what POCO has made since.
--          What is reserved for mi.com already, or has moved, was owed then as well.
-- Order:   source_key, region, currency, kind, audience, customer, uses, worth of one use (an amount, or per cent).
-- Rule:    owed is what is not used up, not revoked, not expired, and did not end before the cutover.
select c.id, c.region, c.currency::text,
       case c.kind when 1 then 'fixed' when 2 then 'percent' when 3 then 'free_shipping' else 'kind ' || c.kind end,
       case when c.customer_id is null then 'public' else 'personal' end,
       c.customer_id,
       c.uses_left,
       coalesce(case c.kind when 1 then c.value_minor / (10::numeric ^ coalesce(u.exponent, 2)) when 2 then c.percent end, 0)
  from poco.coupons c
  join poco_export.scope k on k.region = c.region and k.decision = 'move'
  join poco.stores s on s.region = c.region
 cross join poco_export.rules r
  left join poco.currencies u on u.code = c.currency
 where c.status in (1, 5, 6) and c.uses_left > 0 and c.valid_until at time zone s.time_zone > r.cutover_at
