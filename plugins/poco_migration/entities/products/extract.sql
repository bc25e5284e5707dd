-- Purpose: POCO's articles, in the shape of mi.brand_items.
-- One row per article and store. Order: none.
select p.id                                                as source_key,
       p.region,
       case when s.status is null      then 'status_unknown'
            when btrim(p.sku) = ''     then 'sku_blank' end as refused,
       poco_export.mi_key(p.id)                            as item_id,
       p.market,
       p.sku,
       p.slug,
       p.name                                              as title,
       p.model,
       p.category,
       s.status,
       p.created_at at time zone p.time_zone               as created_at,
       p.discontinued_at at time zone p.time_zone          as discontinued_at
  from poco_export.products p
  left join (values (1, 'on_sale'), (2, 'discontinued'), (3, 'hidden')) as s (code, status) on s.code = p.status
