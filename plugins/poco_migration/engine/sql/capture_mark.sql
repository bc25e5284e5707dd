-- Purpose: note how far the log has been read, in the transaction that stores its keys.
-- $1 slot, $2 position, $3 the newest token, or null
update migration.stream
   set captured = greatest(captured, $2::pg_lsn), token = coalesce($3, token), captured_at = clock_timestamp()
 where slot = $1
