-- Control total: reviews, which article each is of and who wrote it, and which photo stands in which place. Entity: reviews
-- The review of a person whom POCO has erased moves without the person.
with review as (
select r.id, r.region, r.product_id, case when c.status is distinct from 3 then r.customer_id end as author, r.photo_keys
  from poco_export.audited_reviews r
  left join poco.customers c on c.id = r.customer_id
 where r.id not in (select source_key from aside)),
photo as (
select r.region, r.id, p.n, ('x' || left(md5(p.key), 12))::bit(48)::bigint as name
  from review r
 cross join unnest(r.photo_keys) with ordinality as p (key, n))
select region, 'reviews' as bucket, count(*)::numeric as amount from review group by region
 union all
select region, 'review times article', sum(id::numeric * product_id) from review group by region
 union all
select region, 'review times author', coalesce(sum(id::numeric * author), 0) from review group by region
 union all
select region, 'photos', count(*)::numeric from photo group by region
 union all
select region, 'review times place times name of the photo', sum(id::numeric * n * name) from photo group by region
