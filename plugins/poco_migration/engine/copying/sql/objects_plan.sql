-- Purpose: a line for every object that migrated rows name, with what POCO has noted of it.
-- Needs:   objects_scratch.sql, filled. Rerun: safe; what is copied stays copied, and numbers stay.
analyze at_poco;
analyze at_mi;

insert into migration.object as o (target_object, source_object, region, named, expected_bytes, expected_sha256)
select n.target_object, substr(n.target_object, length('poco/' || n.market || '/') + 1), n.region, true, p.bytes, p.sha256
  from (select distinct target_object, region, market from at_mi) n
  left join (select target_object, min(bytes) as bytes, min(sha256) as sha256 from at_poco group by target_object) p using (target_object)
 order by n.target_object
    on conflict (target_object) do update
   set named = true, expected_bytes = excluded.expected_bytes, expected_sha256 = excluded.expected_sha256
 where (o.named, o.expected_bytes, o.expected_sha256) is distinct from (true, excluded.expected_bytes, excluded.expected_sha256);

update migration.object o
   set named = false
 where o.named and not exists (select from at_mi n where n.target_object = o.target_object);

update migration.quarantine q
   set resolved_at = now()
  from migration.object o
 where q.entity = 'objects' and q.resolved_at is null and o.object_no = q.source_key and not o.named;
