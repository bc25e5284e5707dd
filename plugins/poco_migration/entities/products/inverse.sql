-- Purpose: mi.com's brand items in the columns of poco.products: the inverse of extract.sql (on POCO's database).
-- Needs:   returned, rows in the shape of readback.sql. One row per row of it. Order: none.
select r.source_key,
       k.region,
       case when k.region is null then 'market_unknown'
            when s.code is null   then 'status_unknown' end as refused,
       r.sku,
       r.slug,
       r.title                                    as name,
       r.model,
       r.category,
       s.code                                     as status,
       r.created_at at time zone k.time_zone      as created_at,
       r.discontinued_at at time zone k.time_zone as discontinued_at
  from returned r
  left join poco_export.scope k on k.market = r.market
  left join (values (1, 'on_sale'), (2, 'discontinued'), (3, 'hidden')) as s (code, status) on s.status = r.status
