-- Purpose: where a replication slot stands, and where the log ends (on the source).
-- $1 slot
select wal_status, confirmed_flush_lsn::text as confirmed, pg_current_wal_flush_lsn()::text as written
  from pg_replication_slots
 where slot_name = $1 and database = current_database()
