-- Purpose: POCO's price history, in the shape of mi.item_prices.
-- One row per price. Order: none.
select r.id                                        as source_key,
       r.region,
       case when u.unit is null      then 'currency_unknown'
            when r.amount_minor <= 0 then 'price_not_positive' end as refused,
       poco_export.mi_key(r.id)                    as price_id,
       r.market,
       poco_export.mi_key(r.product_id)            as item_id,
       r.currency::text                            as currency,
       (r.amount_minor * u.unit)::numeric(18, 3)   as amount,
       r.valid_from at time zone r.time_zone       as valid_from,
       r.valid_to at time zone r.time_zone         as valid_to
  from poco_export.product_prices r
  left join poco_export.units u on u.currency = r.currency
