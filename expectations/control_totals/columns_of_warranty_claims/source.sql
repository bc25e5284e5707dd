-- Control total: every column of warranty claims, whose they are and about which order line, each summed by itself with the key. Entity: warranty_claims
-- Hashed: one row for each that should be at mi.com.
select w.id as key, w.region, w.customer_id as customer, w.order_item_id as line, nullif(regexp_replace(w.imei, '[ /-]', '', 'g'), '') as imei,
       w.description, case w.status when 1 then 'open' when 2 then 'repaired' when 3 then 'replaced' when 4 then 'refused' end as status,
       w.opened_at at time zone s.time_zone as opened, w.resolved_at at time zone s.time_zone as resolved
  from poco_export.audited_warranty_claims w
  join poco.stores s on s.region = w.region
 where w.id not in (select source_key from aside)
