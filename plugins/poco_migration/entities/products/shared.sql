-- Purpose: the migrated articles whose listing is not what load.sql makes of these articles and Xiaomi's own listings.
-- One row per article. Order: none.
-- Rule:    the listing has the article's market and number; one that was made for POCO's articles has the status of the
--          first of them.
select t.item_id - mi.poco_key(0) as source_key, t.item_id
  from mi.brand_items t
  left join mi.listings l on l.listing_id = t.listing_id
 cross join lateral (select i.status from mi.brand_items i where i.listing_id = t.listing_id order by i.item_id limit 1) f
 where t.origin = 'poco'
   and (l.listing_id is null or (l.market, l.sku_key) is distinct from (t.market, upper(btrim(t.sku)))
     or t.brand <> 'POCO'
     or t.joined_by <> case l.origin when 'mi' then 'sku' else 'created' end
     or (l.origin = 'poco' and (l.status, l.brand) is distinct from (f.status, 'POCO')))
