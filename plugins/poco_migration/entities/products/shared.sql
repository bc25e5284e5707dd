-- Purpose: the migrated articles whose listing is not what load.sql makes of these articles and Xiaomi's own listings.
-- One row per article. Order: none.
-- Rule:    the listing has the article's market and number; one that was made for POCO's articles has the status of the
--          first of them, unless mi.com has an article on it, of its own or handed over.
select t.item_id - mi.poco_key(0) as source_key, t.item_id
  from mi.brand_items t
  left join mi.listings l on l.listing_id = t.listing_id
 cross join lateral (select i.status from mi.brand_items i where i.listing_id = t.listing_id order by i.item_id limit 1) f
 where t.origin = 'poco'
   and (l.listing_id is null or (l.market, l.sku_key) is distinct from (t.market, upper(btrim(t.sku)))
     or t.brand <> 'POCO'
     or t.joined_by <> case l.origin when 'mi' then 'sku' else 'created' end
     or (l.origin = 'poco' and (l.status, l.brand) is distinct from (f.status, 'POCO')
         and not exists (select from mi.brand_items o
                          where o.listing_id = t.listing_id
                            and (o.item_id not between mi.poco_key(-100000000000000) and mi.poco_key(900000000000000)
                                 or exists (select from migration.theirs m
                                             where m.entity = 'products' and m.source_key = o.item_id - mi.poco_key(0))))))
