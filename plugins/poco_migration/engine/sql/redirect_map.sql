-- Purpose: where each known POCO page leads: the same article in the same market's store, or the store's front page.
select o.region, o.domain || '/product/' || i.slug as poco_url, m.store_front || '/product/' || l.sku_key as mi_url
  from mi.brand_items i
  join mi.market_origins o on o.market = i.market
  join mi.markets m on m.market = i.market
  join mi.listings l on l.listing_id = i.listing_id
 where i.origin = 'poco'
 union all
select o.region, o.domain, m.store_front
  from mi.market_origins o
  join mi.markets m on m.market = o.market
 order by 1, 2
