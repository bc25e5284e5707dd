-- Purpose: upsert the addresses of migrated customers.

insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'customers ' || (s.profile_id - mi.poco_key(0))
  from accepted s
 where not exists (select from mi.profiles p where p.profile_id = s.profile_id and p.market = s.market);

-- Section: delete
delete from mi.addresses t using gone g where t.address_id = mi.poco_key(g.source_key);

-- Section: upsert
insert into mi.addresses as t (address_id, profile_id, kind, recipient, line1, line2, city, postcode, country, phone, is_default, origin, created_at)
select address_id, profile_id, kind, recipient, line1, line2, city, postcode, country, phone, is_default, 'poco', created_at
  from accepted
    on conflict (address_id) do update
   set profile_id = excluded.profile_id, kind = excluded.kind, recipient = excluded.recipient, line1 = excluded.line1, line2 = excluded.line2,
       city = excluded.city, postcode = excluded.postcode, country = excluded.country, phone = excluded.phone,
       is_default = excluded.is_default, created_at = excluded.created_at
 where (t.profile_id, t.kind, t.recipient, t.line1, t.line2, t.city, t.postcode, t.country, t.phone, t.is_default, t.created_at)
       is distinct from
       (excluded.profile_id, excluded.kind, excluded.recipient, excluded.line1, excluded.line2, excluded.city, excluded.postcode,
        excluded.country, excluded.phone, excluded.is_default, excluded.created_at);
