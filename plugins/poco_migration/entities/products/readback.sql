-- Purpose: the migrated articles, read back in the shape of extract.sql.
-- One row per article. Merged where another article had the listing first. Order: none.
select t.item_id - mi.poco_key(0) as source_key,
       o.region,
       case when t.joined_by = 'sku' then 'merged'
            when exists (select from mi.brand_items f where f.listing_id = t.listing_id and f.item_id < t.item_id and f.origin = 'poco') then 'merged'
            else 'migrated' end   as outcome,
       t.item_id,
       t.market,
       t.sku,
       t.slug,
       t.title,
       t.model,
       t.category,
       t.status,
       t.created_at,
       t.discontinued_at
  from mi.brand_items t
  join mi.market_origins o on o.market = t.market
 where t.origin = 'poco'  -- POCO's mark
