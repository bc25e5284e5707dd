-- Purpose: an object could not be copied, or is not what was copied any more.
-- $1 number, $2 reason, $3 next action, $4 detail
with bad as (
update migration.object set bytes = null, sha256 = null, etag = null, copied_at = null where object_no = $1
returning object_no, region)
insert into migration.quarantine as q (entity, source_key, region, reason, next_action, detail)
select 'objects', object_no, region, $2, $3, $4 from bad
    on conflict (entity, source_key) do update
   set region = excluded.region, reason = excluded.reason, next_action = excluded.next_action, detail = excluded.detail,
       last_seen = now(), resolved_at = null
