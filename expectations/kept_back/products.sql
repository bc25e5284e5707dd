-- Purpose: how many articles are kept back with a reason that POCO's own table bears out, and how many are not though they must be.
select p.region, a.reason, count(*) as rows
  from aside a
  join poco.products p on p.id = a.source_key
 where case a.reason
         when 'status_unknown' then p.status not in (1, 2, 3)
         when 'sku_blank' then p.sku ~ '^ *$' end
 group by p.region, a.reason
 union all
select p.region, 'not kept back: ' || must.reason, count(*)
  from poco.products p
 cross join lateral (select case
            when p.status not in (1, 2, 3) then 'status_unknown'
            when p.sku ~ '^ *$' then 'sku_blank' end as reason) must
 where must.reason is not null and p.id not in (select source_key from aside)
 group by p.region, must.reason
