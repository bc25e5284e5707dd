-- Purpose: how far the source's log is on disk, and how far it is written.
select pg_current_wal_flush_lsn()::text as flushed, pg_current_wal_insert_lsn()::text as inserted
