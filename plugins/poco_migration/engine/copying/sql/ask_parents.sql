-- Purpose: a row that is parked because its parent is missing, and was not parked for that parent before, asks for the
--          parent once more: another copy may be bringing it at this moment, too early to have seen this child.
-- Needs:   scratch.sql; the setting migration.entity. Runs before park.sql.
insert into migration.dirty (entity, source_key, family)
select distinct split_part(r.detail, ' ', 1), split_part(r.detail, ' ', 2)::bigint, true
  from refused r
 where r.reason = 'parent_missing' and r.detail <> ''
   and split_part(r.detail, ' ', 1) in (select entity from migration.followed)
   and not exists (select from migration.quarantine q
                    where q.entity = current_setting('migration.entity') and q.source_key = r.source_key
                      and q.resolved_at is null and (q.reason, q.detail) = (r.reason, r.detail))
 order by 1, 2
