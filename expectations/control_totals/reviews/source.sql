-- Control total: ratings under each model, letters written, photos. Entity: reviews
with review as (
select r.region, r.rating, p.model, length(r.body) + coalesce(length(r.reply), 0) as letters, cardinality(r.photo_keys) as photos
  from poco_export.audited_reviews r
  join poco.products p on p.id = r.product_id
 where r.id not in (select source_key from aside))
select region, 'ratings of ' || model as bucket, sum(rating)::numeric as amount from review group by region, model
 union all
select region, 'letters and photos', sum(letters + 1000000 * photos)::numeric from review group by region
