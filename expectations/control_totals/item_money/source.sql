-- Control total: money and pieces of order items by currency. Entity: order_items
select i.region, o.currency || ' lines' as bucket,
       round(sum(i.total_minor + 3 * i.unit_minor) / (10::numeric ^ c.exponent), 3) + sum(i.quantity) as amount
  from poco.order_items i
  join poco.orders o on o.id = i.order_id
  join poco.currencies c on c.code = o.currency
 where i.id not in (select source_key from aside)
 group by i.region, bucket, c.exponent
