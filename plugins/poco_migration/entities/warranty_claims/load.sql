-- Purpose: upsert the warranty claims of migrated customers.

insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'customers ' || (s.profile_id - mi.poco_key(0))
  from accepted s
 where not exists (select from mi.profiles p where p.profile_id = s.profile_id and p.market = s.market);

insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'order_items ' || (s.line_id - mi.poco_key(0))
  from accepted s
 where s.line_id is not null
   and not exists (select from mi.order_lines l join mi.orders o on o.order_id = l.order_id
                    where l.line_id = s.line_id and o.market = s.market);

-- Section: delete
delete from mi.warranties t using gone g where t.warranty_id = mi.poco_key(g.source_key);

-- Section: upsert
insert into mi.warranties as t (warranty_id, market, profile_id, line_id, imei, description, status, opened_at, resolved_at, origin)
select warranty_id, market, profile_id, line_id, imei, description, status, opened_at, resolved_at, 'poco'
  from accepted
    on conflict (warranty_id) do update
   set market = excluded.market, profile_id = excluded.profile_id, line_id = excluded.line_id, imei = excluded.imei, description = excluded.description,
       status = excluded.status, opened_at = excluded.opened_at, resolved_at = excluded.resolved_at
 where (t.market, t.profile_id, t.line_id, t.imei, t.description, t.status, t.opened_at, t.resolved_at)
       is distinct from
       (excluded.market, excluded.profile_id, excluded.line_id, excluded.imei, excluded.description, excluded.status, excluded.opened_at, excluded.resolved_at);
