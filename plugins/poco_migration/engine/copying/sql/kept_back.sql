-- Purpose: POCO hands these rows out again, which mi.com had kept when they went: they are POCO's once more.
-- Needs:   scratch.sql, the view accepted and the setting migration.entity.
with back as (
    delete from migration.kept k
     using accepted a
     where k.entity = current_setting('migration.entity') and k.source_key = a.source_key
    returning k.source_key),
told as (
    update migration.quarantine q set resolved_at = now()
      from back b
     where q.entity = current_setting('migration.entity') and q.source_key = b.source_key and q.reason = 'kept_at_mi' and q.resolved_at is null)
select source_key from back
