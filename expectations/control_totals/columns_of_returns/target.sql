-- Control total: every column of returns, and of which order line each is, each summed by itself with the key; by POCO's keys.
select r.return_id - mi.poco_key(0) as key, upper(o.market) as region, r.line_id - mi.poco_key(0) as line, r.quantity, r.reason, r.status,
       r.opened_at as opened, r.closed_at as closed
  from mi.returns r
  join mi.order_lines l on l.line_id = r.line_id
  join mi.orders o on o.order_id = l.order_id
 where r.origin = 'poco'
