-- Control total: every column of orders, and whose they are, each summed by itself with the key; by POCO's keys.
select o.order_id - mi.poco_key(0) as key, upper(o.market) as region, o.order_number as number, o.original_number as number_of_poco,
       o.profile_id - mi.poco_key(0) as customer, o.buyer, o.guest_email, o.guest_phone, o.status, o.currency, o.subtotal, o.discount, o.shipping,
       o.tax, o.total, o.adds_up, o.ship_to, o.note, o.placed_at as placed, o.placed_at_local as placed_local, o.time_quality,
       o.updated_at as updated
  from mi.orders o
 where o.origin = 'poco'
