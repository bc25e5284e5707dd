-- Control total: reviews, which article each is of and who wrote it, and which photo stands in which place; by POCO's keys.
with review as (
select upper(i.market) as region, r.review_id - mi.poco_key(0) as id, r.item_id - mi.poco_key(0) as product_id,
       r.profile_id - mi.poco_key(0) as author, r.photos, length('poco/' || i.market || '/') + 1 as name_begins
  from mi.reviews r
  join mi.brand_items i on i.item_id = r.item_id
 where r.origin = 'poco'),
photo as (
select r.region, r.id, p.n, ('x' || left(md5(substr(p.key, r.name_begins)), 12))::bit(48)::bigint as name
  from review r
 cross join unnest(r.photos) with ordinality as p (key, n))
select region, 'reviews' as bucket, count(*)::numeric as amount from review group by region
 union all
select region, 'review times article', sum(id::numeric * product_id) from review group by region
 union all
select region, 'review times author', coalesce(sum(id::numeric * author), 0) from review group by region
 union all
select region, 'photos', count(*)::numeric from photo group by region
 union all
select region, 'review times place times name of the photo', sum(id::numeric * n * name) from photo group by region
