-- Purpose: mi.com's order lines in the columns of poco.order_items: the inverse of extract.sql (on POCO's database).
-- Needs:   returned, rows in the shape of readback.sql; the order is at POCO already, it says the currency.
--          One row per row of it. Order: none.
-- Rule:    a line without an article of POCO keeps number and title and names article 0, which never was.
select r.source_key,
       k.region,
       case when k.region is null           then 'market_unknown'
            when u.unit is null             then 'parent_missing'
            when mod(r.unit_price, u.unit) <> 0 or mod(r.total, u.unit) <> 0 then 'amount_too_fine' end as refused,
       r.order_id - poco_export.mi_key(0)             as order_id,
       coalesce(r.item_id - poco_export.mi_key(0), 0) as product_id,
       r.sku,
       r.title,
       r.quantity,
       round(r.unit_price / u.unit)::bigint           as unit_minor,
       round(r.total / u.unit)::bigint                as total_minor
  from returned r
  left join poco_export.scope k on k.market = r.market
  left join poco_export.orders o on o.id = r.order_id - poco_export.mi_key(0)
  left join poco_export.units u on u.currency = o.currency
