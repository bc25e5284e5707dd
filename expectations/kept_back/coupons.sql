-- Purpose: how many coupons are kept back with a reason that POCO's own table bears out, and how many are not though they must be.
-- Rule:    expired is what ended before the cutover, or what a job has expired without its having been active at the handover; what
--          was active then has the end and the uses of then, if a job has taken them since.
with coupon as (
select c.id, c.region, c.kind, c.value_minor, c.percent, c.currency, c.minimum_minor, c.customer_id, c.per_customer, c.status,
       c.reserved_order_id, r.cutover_at, o.coupon_id is not null as owed,
       (select max(d.day) from (values (c.valid_until), (o.valid_until)) d (day)) at time zone s.time_zone as at_poco,
       (select max(n.uses) from (values (c.uses_left), (case when c.status = 3 then o.uses_left end)) n (uses)) as uses
  from poco.coupons c
 cross join poco_export.rules r
  left join poco.stores s on s.region = c.region
  left join poco_export.owed_coupons o on o.coupon_id = c.id)
select c.region, a.reason, count(*) as rows
  from aside a
  join coupon c on c.id = a.source_key
 where case a.reason
         when 'used_up' then c.status = 2 or c.status in (1, 3) and c.uses < 1
         when 'revoked' then c.status = 4
         when 'expired' then c.status = 3 and not c.owed or c.at_poco <= c.cutover_at
         when 'status_unknown' then c.status not in (1, 2, 3, 4, 5, 6)
         when 'held_by_order' then c.reserved_order_id is not null
         when 'taken_back' then c.status in (1, 3)
         when 'currency_unknown' then not exists (select from poco.currencies u where u.code = c.currency)
         when 'terms_invalid' then c.kind not in (1, 2, 3) or (c.kind = 1) <> (coalesce(c.value_minor, 0) > 0) or (c.kind = 2) <> (coalesce(c.percent, 0) > 0)
           or c.percent > 100 or c.minimum_minor < 0 or c.per_customer < 1
         when 'parent_missing' then a.detail = 'customers ' || c.customer_id
         when 'person_erased' then exists (select from poco.customers x where x.id = c.customer_id and x.status = 3) or exists (select from poco_export.tombstones b where b.customer_id = c.customer_id) end
 group by c.region, a.reason
 union all
select c.region, 'not kept back: ' || must.reason, count(*)
  from coupon c
 cross join lateral (select case
            when c.status = 2 or c.status in (1, 3) and c.uses < 1 then 'used_up'
            when c.status = 4 then 'revoked'
            when c.status = 3 and not c.owed or c.at_poco <= c.cutover_at then 'expired'
            when c.status not in (1, 2, 3, 4, 5, 6) then 'status_unknown'
            when c.reserved_order_id is not null then 'held_by_order'
            when not exists (select from poco.currencies u where u.code = c.currency) then 'currency_unknown'
            when c.kind not in (1, 2, 3) or (c.kind = 1) <> (coalesce(c.value_minor, 0) > 0) or (c.kind = 2) <> (coalesce(c.percent, 0) > 0)
           or c.percent > 100 or c.minimum_minor < 0 or c.per_customer < 1 then 'terms_invalid' end as reason) must
 where must.reason is not null and c.id not in (select source_key from aside)
 group by c.region, must.reason
