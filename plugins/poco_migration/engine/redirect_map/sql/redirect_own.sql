-- Purpose: the articles that mi.com sells of its own, with their pages: no redirect may hide one.
-- One row per article. Order: by page.
select o.region, m.store_front, l.sku_key, i.slug, i.brand
  from mi.brand_items i
  join mi.market_origins o on o.market = i.market
  join mi.markets m on m.market = i.market
  join mi.listings l on l.listing_id = i.listing_id
 where i.origin = 'mi' and l.status <> 'hidden'
 order by m.store_front, l.sku_key, i.item_id
