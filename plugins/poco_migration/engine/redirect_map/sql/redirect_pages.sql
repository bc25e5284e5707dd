-- Purpose: the pages that mi.com's catalogue has, by region: fronts, articles that are not hidden, categories that have one.
-- One row per page; `kind` and `name` are its path below the front. Order: none.
select o.region, m.store_front, '' as kind, '' as name
  from mi.market_origins o
  join mi.markets m on m.market = o.market
 union all
select o.region, m.store_front, 'product', l.sku_key
  from mi.market_origins o
  join mi.markets m on m.market = o.market
  join mi.listings l on l.market = o.market
 where l.status <> 'hidden'
 union all
select distinct o.region, m.store_front, 'category', i.category
  from mi.market_origins o
  join mi.markets m on m.market = o.market
  join mi.brand_items i on i.market = o.market
  join mi.listings l on l.listing_id = i.listing_id
 where l.status <> 'hidden'
