-- Purpose: an erased person's rows are not in quarantine any more: nobody has to do anything.
-- $1 entity, $2 keys
update migration.quarantine set resolved_at = now() where entity = $1 and source_key = any ($2) and resolved_at is null
