-- Purpose: POCO's reviews, in the shape of mi.reviews.
-- One row per review. Photos get the keys they have in mi.com's bucket, in the same order. Order: none.
select r.id                                     as source_key,
       r.region,
       case when s.status is null                then 'status_unknown'
            when r.rating not between 1 and 5    then 'rating_out_of_range' end as refused,
       poco_export.mi_key(r.id)                 as review_id,
       r.market,
       poco_export.mi_key(r.product_id)         as item_id,
       poco_export.mi_key(r.customer_id)        as profile_id,
       r.rating,
       r.title,
       r.body,
       r.reply,
       r.replied_at at time zone r.time_zone    as replied_at,
       array(select 'poco/' || r.market || '/' || k.key from unnest(r.photo_keys) with ordinality as k (key, n) order by k.n) as photos,
       s.status,
       r.created_at at time zone r.time_zone    as created_at
  from poco_export.reviews r
  left join (values (1, 'published'), (2, 'pending'), (3, 'hidden')) as s (code, status) on s.code = r.status
