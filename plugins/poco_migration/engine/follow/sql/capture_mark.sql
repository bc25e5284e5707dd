-- Purpose: note how far the log has been read, in the transaction that stores its keys. A ledger that did not know the server learns it.
-- $1 slot, $2 position, $3 server
update migration.stream
   set captured = greatest(captured, $2::pg_lsn), captured_at = clock_timestamp(), server = coalesce(server, $3)
 where slot = $1
