-- Purpose: of these keys, those that could not return to POCO and nobody has decided about.
-- $1 entity, $2 source keys
select source_key from migration.not_returned where entity = $1 and source_key = any ($2) and resolved_at is null
