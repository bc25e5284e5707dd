-- Purpose: how many reviews are kept back with a reason that POCO's own table bears out, and how many are not though they must be.
select r.region, a.reason, count(*) as rows
  from aside a
  join poco.reviews r on r.id = a.source_key
 where case a.reason
         when 'status_unknown' then r.status not in (1, 2, 3)
         when 'rating_out_of_range' then r.rating < 1 or r.rating > 5
         when 'parent_missing' then a.detail = 'products ' || r.product_id or a.detail = 'customers ' || r.customer_id end
 group by r.region, a.reason
 union all
select r.region, 'not kept back: ' || must.reason, count(*)
  from poco.reviews r
 cross join lateral (select case
            when r.status not in (1, 2, 3) then 'status_unknown'
            when r.rating < 1 or r.rating > 5 then 'rating_out_of_range' end as reason) must
 where must.reason is not null and r.id not in (select source_key from aside)
 group by r.region, must.reason
