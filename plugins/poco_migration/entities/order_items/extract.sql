-- Purpose: POCO's order items, in the shape of mi.order_lines.
-- One row per item. Order: none.
select i.id                                       as source_key,
       i.region,
       case when u.unit is null and i.currency is not null then 'currency_unknown'
            when i.unit_minor < 0 or i.total_minor < 0    then 'amount_negative'
            when i.quantity <= 0                          then 'quantity_not_positive' end as refused,
       poco_export.mi_key(i.id)                   as line_id,
       i.market,
       poco_export.mi_key(i.order_id)             as order_id,
       case when i.product_exists then poco_export.mi_key(i.product_id) end as item_id,
       i.sku,
       i.title,
       i.quantity,
       (i.unit_minor * u.unit)::numeric(18, 3)    as unit_price,
       (i.total_minor * u.unit)::numeric(18, 3)   as total
  from poco_export.order_items i
  left join poco_export.units u on u.currency = i.currency
