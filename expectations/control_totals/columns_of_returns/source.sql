-- Control total: every column of returns, and of which order line each is, each summed by itself with the key. Entity: returns
-- Hashed: one row for each that should be at mi.com.
select r.id as key, r.region, r.order_item_id as line, r.quantity, r.reason,
       case r.status when 1 then 'open' when 2 then 'received' when 3 then 'closed' when 4 then 'refused' end as status,
       r.opened_at at time zone s.time_zone as opened, r.closed_at at time zone s.time_zone as closed
  from poco_export.audited_returns r
  join poco.stores s on s.region = r.region
 where r.id not in (select source_key from aside)
