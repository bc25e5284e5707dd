-- Purpose: where a replication slot of this database stands (on the source).
-- $1 slot
select wal_status, confirmed_flush_lsn::text as confirmed
  from pg_replication_slots
 where slot_name = $1 and database = current_database()
