-- Purpose: the migrated reviews, read back in the shape of extract.sql.
-- One row per review. Order: none.
select t.review_id - mi.poco_key(0) as source_key,
       m.region,
       'migrated'                   as outcome,
       t.review_id, i.market, t.item_id, t.profile_id, t.rating, t.title, t.body, t.reply, t.replied_at, t.photos, t.status, t.created_at
  from mi.reviews t
  join mi.brand_items i on i.item_id = t.item_id
  join mi.market_origins m on m.market = i.market
 where t.origin = 'poco'  -- POCO's mark
