-- Purpose: note what mi.com keeps of this copy, and tell a person of what POCO does not have any more. What POCO has and a
--          rule refuses is in quarantine for that.
-- Needs:   scratch.sql. Runs before the rows lose POCO's mark, and before park.sql.
-- $1 entity, $2 reason, $3 next action, $4 source keys, $5 the region of each
with kept as (
    insert into migration.kept (entity, source_key, region, detail)
    select $1, k.source_key, k.region, (select min(y.detail) from keeping y where y.source_key = k.source_key)
      from unnest($4::bigint[], $5::text[]) k (source_key, region)
        on conflict (entity, source_key) do update set detail = excluded.detail
    returning source_key, region, detail)
insert into migration.quarantine as q (entity, source_key, region, reason, next_action, detail)
select $1, k.source_key, k.region, $2, $3, k.detail
  from kept k
 where not exists (select from refused r where r.source_key = k.source_key)
    on conflict (entity, source_key) do update
   set region = excluded.region, reason = excluded.reason, next_action = excluded.next_action, detail = excluded.detail,
       last_seen = now(), resolved_at = null
