-- Purpose: how many scans are kept back with a reason that POCO's own table bears out.
select e.region, a.reason, count(*) as rows
  from aside a
  join poco.shipment_events e on e.id = a.source_key
 where case a.reason
         when 'code_unknown' then e.code not in ('accepted', 'departed', 'arrived', 'out_for_delivery', 'delivered', 'exception')
         when 'sequence_taken' then e.id > (select min(f.id) from poco.shipment_events f where (f.shipment_id, f.sequence_no) = (e.shipment_id, e.sequence_no))
         when 'parent_missing' then a.detail = 'shipments ' || e.shipment_id end
 group by e.region, a.reason
