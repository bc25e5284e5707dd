-- Purpose: upsert the service cases of migrated customers.

insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'customers ' || (s.profile_id - mi.poco_key(0))
  from accepted s
 where not exists (select from mi.profiles p where p.profile_id = s.profile_id and p.market = s.market);

insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'orders ' || (s.order_id - mi.poco_key(0))
  from accepted s
 where s.order_id is not null
   and not exists (select from mi.orders o where o.order_id = s.order_id and o.market = s.market);

-- Section: delete
delete from mi.service_cases t using gone g where t.case_id = mi.poco_key(g.source_key);

-- Section: upsert
insert into mi.service_cases as t (case_id, market, profile_id, order_id, subject, status, opened_at, closed_at, origin)
select case_id, market, profile_id, order_id, subject, status, opened_at, closed_at, 'poco'
  from accepted
    on conflict (case_id) do update
   set market = excluded.market, profile_id = excluded.profile_id, order_id = excluded.order_id, subject = excluded.subject, status = excluded.status,
       opened_at = excluded.opened_at, closed_at = excluded.closed_at
 where (t.market, t.profile_id, t.order_id, t.subject, t.status, t.opened_at, t.closed_at)
       is distinct from (excluded.market, excluded.profile_id, excluded.order_id, excluded.subject, excluded.status, excluded.opened_at, excluded.closed_at);
