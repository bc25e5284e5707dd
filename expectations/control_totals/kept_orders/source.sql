-- Control total: money of orders by currency, and which was placed when. Entity: orders
-- Lasting: what was sold at POCO was sold; nothing at mi.com changes these, so they are summed anew after the handover.
select o.region, o.currency || ' of orders' as bucket,
       round(sum(o.total_minor + o.subtotal_minor + 7 * o.discount_minor + 11 * o.shipping_minor + 13 * o.tax_minor) / (10::numeric ^ c.exponent), 3) as amount
  from poco.orders o
  join poco.currencies c on c.code = o.currency
 where o.id not in (select source_key from aside)
 group by o.region, bucket, c.exponent
 union all
select o.region, 'orders times second placed', sum(o.id::numeric * extract(epoch from o.placed_at at time zone s.time_zone))
  from poco.orders o
  join poco.stores s on s.region = o.region
 where o.id not in (select source_key from aside)
 group by o.region
