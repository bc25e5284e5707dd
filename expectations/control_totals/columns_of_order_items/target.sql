-- Control total: every column of order lines, of which order and article each is, each summed by itself with the key; by POCO's keys.
select l.line_id - mi.poco_key(0) as key, upper(o.market) as region, l.order_id - mi.poco_key(0) as purchase, l.item_id - mi.poco_key(0) as article,
       l.sku, l.title, l.quantity, l.unit_price, l.total
  from mi.order_lines l
  join mi.orders o on o.order_id = l.order_id
 where l.origin = 'poco'
