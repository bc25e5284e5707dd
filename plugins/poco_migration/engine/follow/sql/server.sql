-- Purpose: which server this is and on which timeline it writes (on the source): a copy keeps the identifier, a standby that is
--          promoted, or a restore to a point in time, begins a timeline.
select system_identifier || '/' || ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int as server
  from pg_control_system()
