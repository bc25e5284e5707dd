-- Purpose: note that a row cannot come back, and why.
-- $1 run, $2 entity, $3 target key, $4 reason, $5 detail, $6 next action
with listed as (
    update migration.return_key set state = 'listed' where run = $1 and entity = $2 and target_key = $3
    returning source_key, region, kind)
insert into migration.not_returned as t (entity, target_key, source_key, region, kind, reason, next_action, detail, run)
select $2, $3, case kind when 'created' then null else source_key end, region, kind, $4, $6, $5, $1 from listed
    on conflict (entity, target_key) do update
   set source_key = excluded.source_key, region = excluded.region, kind = excluded.kind, reason = excluded.reason,
       next_action = excluded.next_action, detail = excluded.detail, run = excluded.run, last_seen = now(), resolved_at = null
