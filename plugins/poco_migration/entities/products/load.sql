-- Purpose: hang every POCO article on a listing of its market. An article number that mi.com sells already, or that
--          differs only by case, shares the listing; what Xiaomi knows of its listing is never overwritten.

delete from mi.brand_items t using gone g where t.item_id = mi.poco_key(g.source_key);

-- In the order of the unique key, so that parts loading at once cannot wait for each other in a circle.
insert into mi.listings (market, sku_key, brand, status, origin)
select distinct on (market, upper(btrim(sku))) market, upper(btrim(sku)), 'POCO', status, 'poco'
  from accepted
 order by market, upper(btrim(sku)), source_key
    on conflict (market, sku_key) do nothing;

insert into mi.brand_items as t (item_id, listing_id, brand, market, sku, slug, title, model, category, status, joined_by, origin, created_at, discontinued_at)
select a.item_id, l.listing_id, 'POCO', a.market, a.sku, a.slug, a.title, a.model, a.category, a.status,
       case l.origin when 'mi' then 'sku' else 'created' end, 'poco', a.created_at, a.discontinued_at
  from accepted a
  join mi.listings l on l.market = a.market and l.sku_key = upper(btrim(a.sku))
    on conflict (item_id) do update
   set listing_id = excluded.listing_id, market = excluded.market, sku = excluded.sku, slug = excluded.slug, title = excluded.title,
       model = excluded.model, category = excluded.category, status = excluded.status, joined_by = excluded.joined_by,
       created_at = excluded.created_at, discontinued_at = excluded.discontinued_at
 where (t.listing_id, t.market, t.sku, t.slug, t.title, t.model, t.category, t.status, t.joined_by, t.created_at, t.discontinued_at)
       is distinct from
       (excluded.listing_id, excluded.market, excluded.sku, excluded.slug, excluded.title, excluded.model, excluded.category,
        excluded.status, excluded.joined_by, excluded.created_at, excluded.discontinued_at);

-- A listing made for an article that has since changed its number stands for nothing.
delete from mi.listings l
 where l.origin = 'poco'
   and not exists (select from mi.brand_items i where i.listing_id = l.listing_id);
