-- Control total: every column of articles, each summed by itself with the key; by POCO's keys.
select i.item_id - mi.poco_key(0) as key, upper(i.market) as region, i.brand, case l.market when i.market then l.sku_key end as listing,
       i.sku, i.slug, i.title, i.model, i.category, i.status, i.created_at as created, i.discontinued_at as discontinued
  from mi.brand_items i
  left join mi.listings l on l.listing_id = i.listing_id
 where i.origin = 'poco'
