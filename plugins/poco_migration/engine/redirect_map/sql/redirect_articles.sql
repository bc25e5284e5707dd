-- Purpose: every POCO article that has moved, with the listing that it hangs on: where its page leads.
-- One row per article. Order: where two have the same address, the one on sale first, then the older one.
select o.region, i.item_id, i.slug, i.sku, i.category, m.store_front, l.sku_key, l.status <> 'hidden' as shown
  from mi.brand_items i
  join mi.market_origins o on o.market = i.market
  join mi.markets m on m.market = i.market
  join mi.listings l on l.listing_id = i.listing_id
 where i.origin = 'poco'
 order by o.region, i.slug, l.status = 'on_sale' desc, i.item_id
