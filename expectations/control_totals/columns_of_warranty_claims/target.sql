-- Control total: every column of warranty claims, whose they are and about which order line, each summed by itself with the key; by POCO's keys.
select w.warranty_id - mi.poco_key(0) as key, upper(w.market) as region, w.profile_id - mi.poco_key(0) as customer, w.line_id - mi.poco_key(0) as line,
       w.imei, w.description, w.status, w.opened_at as opened, w.resolved_at as resolved
  from mi.warranties w
 where w.origin = 'poco'
