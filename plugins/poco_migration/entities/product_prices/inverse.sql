-- Purpose: mi.com's price history in the columns of poco.product_prices: the inverse of extract.sql (on POCO's database).
-- Needs:   returned, rows in the shape of readback.sql. One row per row of it. Order: none.
select r.source_key,
       k.region,
       case when k.region is null           then 'market_unknown'
            when r.item_id is null          then 'parent_missing'
            when u.unit is null             then 'currency_unknown'
            when mod(r.amount, u.unit) <> 0 then 'amount_too_fine' end as refused,
       r.item_id - poco_export.mi_key(0)     as product_id,
       r.currency,
       round(r.amount / u.unit)::bigint      as amount_minor,
       r.valid_from at time zone k.time_zone as valid_from,
       r.valid_to at time zone k.time_zone   as valid_to
  from returned r
  left join poco_export.scope k on k.market = r.market
  left join poco_export.units u on u.currency = r.currency
