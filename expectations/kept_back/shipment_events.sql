-- Purpose: how many scans are kept back with a reason that POCO's own table bears out, and how many are not though they must be.
select e.region, a.reason, count(*) as rows
  from aside a
  join poco.shipment_events e on e.id = a.source_key
 where case a.reason
         when 'code_unknown' then e.code not in ('accepted', 'departed', 'arrived', 'out_for_delivery', 'delivered', 'exception')
         when 'sequence_taken' then e.id > (select min(f.id) from poco.shipment_events f where (f.shipment_id, f.sequence_no) = (e.shipment_id, e.sequence_no))
         when 'parent_missing' then a.detail = 'shipments ' || e.shipment_id end
 group by e.region, a.reason
 union all
select e.region, 'not kept back: ' || must.reason, count(*)
  from poco.shipment_events e
 cross join lateral (select case
            when e.code not in ('accepted', 'departed', 'arrived', 'out_for_delivery', 'delivered', 'exception') then 'code_unknown' end as reason) must
 where must.reason is not null and e.id not in (select source_key from aside)
 group by e.region, must.reason
