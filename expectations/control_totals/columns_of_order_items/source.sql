-- Control total: every column of order lines, of which order and article each is, each summed by itself with the key. Entity: order_items
-- Hashed: one row for each that should be at mi.com.
-- An article that POCO has deleted, or that another region sells, is no article.
select i.id as key, i.region, i.order_id as purchase, p.id as article, i.sku, i.title, i.quantity,
       round(i.unit_minor / (10::numeric ^ c.exponent), 3) as unit_price, round(i.total_minor / (10::numeric ^ c.exponent), 3) as total
  from poco.order_items i
  join poco.orders o on o.id = i.order_id
  join poco.currencies c on c.code = o.currency
  left join poco.products p on p.id = i.product_id and p.region = i.region
 where i.id not in (select source_key from aside)
