-- Control total: money of orders by currency and status, from POCO's own table in minor units. Entity: orders
-- aside(source_key) holds the keys that rightly are not on the target.
select o.region, o.currency || ' ' || case o.status when 10 then 'placed' when 20 then 'paid' when 30 then 'packed' when 40 then 'shipped'
                                                    when 50 then 'delivered' when 60 then 'cancelled' when 70 then 'returned' end as bucket,
       round(sum(o.total_minor + o.subtotal_minor + 7 * o.discount_minor + 11 * o.shipping_minor + 13 * o.tax_minor) / (10::numeric ^ c.exponent), 3) as amount
  from poco.orders o
  join poco.currencies c on c.code = o.currency
 where o.id not in (select source_key from aside)
 group by o.region, bucket, c.exponent
