-- Purpose: how many parcels are kept back with a reason that POCO's own table bears out, and how many are not though they must be.
select h.region, a.reason, count(*) as rows
  from aside a
  join poco.shipments h on h.id = a.source_key
 where case a.reason
         when 'status_unknown' then h.status not in (1, 2, 3, 4)
         when 'delivered_before_sent' then h.shipped_at > h.delivered_at
         when 'parent_missing' then a.detail = 'orders ' || h.order_id end
 group by h.region, a.reason
 union all
select h.region, 'not kept back: ' || must.reason, count(*)
  from poco.shipments h
 cross join lateral (select case
            when h.status not in (1, 2, 3, 4) then 'status_unknown'
            when h.shipped_at > h.delivered_at then 'delivered_before_sent' end as reason) must
 where must.reason is not null and h.id not in (select source_key from aside)
 group by h.region, must.reason
