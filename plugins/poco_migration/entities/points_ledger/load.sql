-- Purpose: upsert the loyalty entries of migrated customers.

insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'customers ' || (s.profile_id - mi.poco_key(0))
  from accepted s
 where not exists (select from mi.profiles p where p.profile_id = s.profile_id and p.market = s.market);

insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'orders ' || (s.order_id - mi.poco_key(0))
  from accepted s
 where s.order_id is not null
   and not exists (select from mi.orders o where o.order_id = s.order_id and o.market = s.market);

delete from mi.loyalty_entries t using gone g where t.entry_id = mi.poco_key(g.source_key);

insert into mi.loyalty_entries as t (entry_id, profile_id, kind, state, points, order_id, expires_at, created_at, origin)
select entry_id, profile_id, kind, state, points, order_id, expires_at, created_at, 'poco'
  from accepted
    on conflict (entry_id) do update
   set profile_id = excluded.profile_id, kind = excluded.kind, state = excluded.state, points = excluded.points,
       order_id = excluded.order_id, expires_at = excluded.expires_at, created_at = excluded.created_at
 where (t.profile_id, t.kind, t.state, t.points, t.order_id, t.expires_at, t.created_at)
       is distinct from
       (excluded.profile_id, excluded.kind, excluded.state, excluded.points, excluded.order_id, excluded.expires_at, excluded.created_at);
