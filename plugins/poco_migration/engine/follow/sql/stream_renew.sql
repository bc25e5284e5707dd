-- Purpose: note where a slot begins that was lost and has been made anew.
-- $1 slot, $2 position
update migration.stream set captured = $2::pg_lsn, renewed_at = clock_timestamp() where slot = $1
