-- Control total: every column of articles, each summed by itself with the key. Entity: products
-- Hashed: one row for each that should be at mi.com.
select p.id as key, p.region, 'POCO' as brand, upper(btrim(p.sku)) as listing, p.sku, p.slug, p.name as title, p.model, p.category,
       case p.status when 1 then 'on_sale' when 2 then 'discontinued' when 3 then 'hidden' end as status,
       p.created_at at time zone s.time_zone as created, p.discontinued_at at time zone s.time_zone as discontinued
  from poco.products p
  join poco.stores s on s.region = p.region
 where p.id not in (select source_key from aside)
