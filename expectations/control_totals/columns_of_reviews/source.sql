-- Control total: every column of reviews, of which article each is and who wrote it, each summed by itself with the key. Entity: reviews
-- Hashed: one row for each that should be at mi.com.
-- The review of an erased person moves without the person; where there is a tombstone, only the rating is left of it.
with review as (
select r.*, s.time_zone, c.id is not null and b.customer_id is not null as buried, c.status = 3 or c.id is not null and b.customer_id is not null as erased
  from poco_export.audited_reviews r
  join poco.stores s on s.region = r.region
  left join poco.customers c on c.id = r.customer_id
  left join poco_export.tombstones b on b.customer_id = r.customer_id
 where r.id not in (select source_key from aside))
select id as key, region, product_id as article, case when erased is not true then customer_id end as author, rating,
       case when not buried then title end as title, case when buried then '' else body end as body, case when not buried then reply end as reply,
       replied_at at time zone time_zone as replied, to_json(case when buried then '{}' else photo_keys end) as photos,
       case when buried then 'hidden' else case status when 1 then 'published' when 2 then 'pending' when 3 then 'hidden' end end as status,
       created_at at time zone time_zone as created
  from review
