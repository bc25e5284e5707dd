-- Purpose: upsert the consents of migrated customers.

insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'customers ' || (s.profile_id - mi.poco_key(0))
  from accepted s
 where not exists (select from mi.profiles p where p.profile_id = s.profile_id and p.market = s.market);

-- Section: delete
delete from mi.consents t using gone g where t.consent_id = mi.poco_key(g.source_key);

-- Section: upsert
insert into mi.consents as t (consent_id, profile_id, purpose, granted, origin, recorded_at)
select consent_id, profile_id, purpose, granted, 'poco', recorded_at
  from accepted
    on conflict (consent_id) do update
   set profile_id = excluded.profile_id, purpose = excluded.purpose, granted = excluded.granted, recorded_at = excluded.recorded_at
 where (t.profile_id, t.purpose, t.granted, t.recorded_at)
       is distinct from (excluded.profile_id, excluded.purpose, excluded.granted, excluded.recorded_at);
