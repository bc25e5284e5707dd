-- Purpose: what the source keeps of its log for a slot, where the log ends, and how much the server lets a slot keep.
-- $1 slot
select s.wal_status,
       pg_current_wal_insert_lsn()::text as written,
       pg_wal_lsn_diff(pg_current_wal_insert_lsn(), s.restart_lsn)::bigint as retained,
       coalesce(greatest(0, pg_wal_lsn_diff(s.confirmed_flush_lsn, s.restart_lsn)), 0)::bigint as again,
       (select nullif(setting::bigint, -1) * 1048576 from pg_settings where name = 'max_slot_wal_keep_size') as server_budget
  from pg_replication_slots s
 where s.slot_name = $1
