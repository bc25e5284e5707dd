-- Purpose: POCO hands these rows out again, which mi.com had kept when they went: they are POCO's once more.
-- Needs:   scratch.sql and the view accepted.
-- $1 entity, $2 reason
with back as (
    delete from migration.kept k
     using accepted a
     where k.entity = $1 and k.source_key = a.source_key
    returning k.source_key),
told as (
    update migration.quarantine q set resolved_at = now()
      from back b
     where q.entity = $1 and q.source_key = b.source_key and q.reason = $2 and q.resolved_at is null)
select source_key from back
