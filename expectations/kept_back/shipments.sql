-- Purpose: how many parcels are kept back with a reason that POCO's own table bears out.
select h.region, a.reason, count(*) as rows
  from aside a
  join poco.shipments h on h.id = a.source_key
 where case a.reason
         when 'status_unknown' then h.status not in (1, 2, 3, 4)
         when 'delivered_before_sent' then h.shipped_at > h.delivered_at
         when 'parent_missing' then a.detail = 'orders ' || h.order_id end
 group by h.region, a.reason
