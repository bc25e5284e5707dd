-- Purpose: note where a slot begins that was lost and has been made anew, and on which server.
-- $1 slot, $2 position, $3 server
update migration.stream set captured = $2::pg_lsn, server = $3, renewed_at = clock_timestamp() where slot = $1
