-- Purpose: how many articles are kept back with a reason that POCO's own table bears out.
select p.region, a.reason, count(*) as rows
  from aside a
  join poco.products p on p.id = a.source_key
 where case a.reason
         when 'status_unknown' then p.status not in (1, 2, 3)
         when 'sku_blank' then p.sku ~ '^ *$' end
 group by p.region, a.reason
