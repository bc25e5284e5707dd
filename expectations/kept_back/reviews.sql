-- Purpose: how many reviews are kept back with a reason that POCO's own table bears out.
select r.region, a.reason, count(*) as rows
  from aside a
  join poco.reviews r on r.id = a.source_key
 where case a.reason
         when 'status_unknown' then r.status not in (1, 2, 3)
         when 'rating_out_of_range' then r.rating < 1 or r.rating > 5
         when 'parent_missing' then a.detail = 'products ' || r.product_id or a.detail = 'customers ' || r.customer_id end
 group by r.region, a.reason
