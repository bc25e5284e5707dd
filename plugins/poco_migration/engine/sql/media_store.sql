-- Purpose: an object has been copied and verified, or why it has not.
-- $1 object at mi.com, $2 object at POCO, $3 bytes, $4 sha256, $5 problem
insert into migration.object_copy (target_object, source_object, bytes, sha256, problem)
values ($1, $2, $3, $4, $5)
    on conflict (target_object) do update
   set source_object = excluded.source_object, bytes = excluded.bytes, sha256 = excluded.sha256, problem = excluded.problem, copied_at = now()
