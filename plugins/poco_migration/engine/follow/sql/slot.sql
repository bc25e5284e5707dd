-- Purpose: where a replication slot of this database stands (on the source), and how many bytes of log every look at it decodes
--          again: all since the oldest transaction that is open at POCO began.
-- $1 slot
select wal_status, confirmed_flush_lsn::text as confirmed,
       coalesce(greatest(0, pg_wal_lsn_diff(confirmed_flush_lsn, restart_lsn)), 0)::bigint as again
  from pg_replication_slots
 where slot_name = $1 and database = current_database()
