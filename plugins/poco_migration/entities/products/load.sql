-- Purpose: hang every POCO article on a listing of its market. An article number that mi.com sells already, or that
--          differs only by case, shares the listing; what Xiaomi knows of its listing is never overwritten.

-- The listings that an article is about to leave, locked as accounts are in customers/load.sql.
create temp table touched_listing on commit drop as
select t.listing_id
  from gone g
  join mi.brand_items t on t.item_id = mi.poco_key(g.source_key)
  join mi.listings l on l.listing_id = t.listing_id and l.origin = 'poco'
 union
select t.listing_id
  from accepted a
  join mi.brand_items t on t.item_id = a.item_id
  join mi.listings l on l.listing_id = t.listing_id and l.origin = 'poco'
 where (l.market, l.sku_key) is distinct from (a.market, upper(btrim(a.sku)));

select from mi.listings where listing_id in (select listing_id from touched_listing) order by listing_id for update;

-- Section: delete
delete from mi.brand_items t using gone g where t.item_id = mi.poco_key(g.source_key);

-- Section: between
-- In the order of the unique key, so that parts loading at once cannot wait for each other in a circle. One that is there
-- already is locked, not written.
insert into mi.listings as t (market, sku_key, brand, status, origin)
select distinct on (market, upper(btrim(sku))) market, upper(btrim(sku)), 'POCO', status, 'poco'
  from accepted a
 where not exists (select from mi.listings l where l.market = a.market and l.sku_key = upper(btrim(a.sku)) and l.origin = 'mi')
 order by market, upper(btrim(sku)), source_key
    on conflict (market, sku_key) do update set status = t.status where false;

-- Section: upsert
insert into mi.brand_items as t (item_id, listing_id, brand, market, sku, slug, title, model, category, status, joined_by, origin, created_at, discontinued_at)
select a.item_id, l.listing_id, 'POCO', a.market, a.sku, a.slug, a.title, a.model, a.category, a.status,
       case l.origin when 'mi' then 'sku' else 'created' end, 'poco', a.created_at, a.discontinued_at
  from accepted a
  join mi.listings l on l.market = a.market and l.sku_key = upper(btrim(a.sku))
    on conflict (item_id) do update
   set listing_id = excluded.listing_id, market = excluded.market, brand = excluded.brand, sku = excluded.sku, slug = excluded.slug, title = excluded.title,
       model = excluded.model, category = excluded.category, status = excluded.status, joined_by = excluded.joined_by,
       created_at = excluded.created_at, discontinued_at = excluded.discontinued_at
 where (t.listing_id, t.market, t.brand, t.sku, t.slug, t.title, t.model, t.category, t.status, t.joined_by, t.created_at, t.discontinued_at)
       is distinct from
       (excluded.listing_id, excluded.market, excluded.brand, excluded.sku, excluded.slug, excluded.title, excluded.model, excluded.category,
        excluded.status, excluded.joined_by, excluded.created_at, excluded.discontinued_at);

-- Section: after
insert into touched_listing
select distinct t.listing_id from accepted a join mi.brand_items t on t.item_id = a.item_id and t.joined_by = 'created';

-- A listing that was made for POCO's articles has the status of the first of them.
update mi.listings t
   set status = i.status, brand = 'POCO'
  from (select distinct on (listing_id) listing_id, status
          from mi.brand_items where listing_id in (select listing_id from touched_listing) order by listing_id, item_id) i
 where t.listing_id = i.listing_id and t.origin = 'poco' and (t.status, t.brand) is distinct from (i.status, 'POCO');

-- A listing that no article is left on stands for nothing.
delete from mi.listings l
 using touched_listing k
 where l.listing_id = k.listing_id and l.origin = 'poco'
   and not exists (select from mi.brand_items i where i.listing_id = l.listing_id);
