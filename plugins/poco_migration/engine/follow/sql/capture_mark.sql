-- Purpose: note how far the log has been read, in the transaction that stores its keys.
-- $1 slot, $2 position
update migration.stream
   set captured = greatest(captured, $2::pg_lsn), captured_at = clock_timestamp()
 where slot = $1
