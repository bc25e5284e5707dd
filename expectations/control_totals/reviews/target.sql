-- Control total: ratings under each model, letters written, photos.
with review as (
select upper(i.market) as region, r.rating, i.model, length(r.body) + coalesce(length(r.reply), 0) as letters, cardinality(r.photos) as photos
  from mi.reviews r
  join mi.brand_items i on i.item_id = r.item_id
 where r.origin = 'poco')
select region, 'ratings of ' || model as bucket, sum(rating)::numeric as amount from review group by region, model
 union all
select region, 'letters and photos', sum(letters + 1000000 * photos)::numeric from review group by region
