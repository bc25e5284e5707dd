-- Purpose: how many entries of points are kept back with a reason that POCO's own table bears out, and how many are not though they must be.
select l.region, a.reason, count(*) as rows
  from aside a
  join poco.points_ledger l on l.id = a.source_key
  left join poco_export.scope k on k.region = l.region
  left join poco_export.handed_over h on h.region = l.region
 cross join poco_export.rules r
 where case a.reason
         when 'no_loyalty_programme' then not k.loyalty
         when 'kind_unknown' then l.kind not in ('earned', 'spent', 'expired', 'reversed', 'adjusted') or l.state not in ('pending', 'posted')
         when 'expired_in_the_gap' then r.points_expired = 'left_out' and l.kind = 'expired' and l.created_at > h.last_expired
         when 'parent_missing' then a.detail = 'customers ' || l.customer_id or a.detail = 'orders ' || l.order_id
         when 'person_erased' then exists (select from poco.customers x where x.id = l.customer_id and x.status = 3) or exists (select from poco_export.tombstones b where b.customer_id = l.customer_id) end
 group by l.region, a.reason
 union all
select l.region, 'not kept back: ' || must.reason, count(*)
  from poco.points_ledger l
  left join poco_export.handed_over h on h.region = l.region
 cross join poco_export.rules r
 cross join lateral (select case
            when l.kind not in ('earned', 'spent', 'expired', 'reversed', 'adjusted') or l.state not in ('pending', 'posted') then 'kind_unknown'
            when r.points_expired = 'left_out' and l.kind = 'expired' and l.created_at > h.last_expired then 'expired_in_the_gap' end as reason) must
 where must.reason is not null and l.id not in (select source_key from aside)
 group by l.region, must.reason
