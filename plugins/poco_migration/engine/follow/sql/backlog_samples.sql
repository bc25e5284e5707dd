-- Purpose: the samples of a slot's backlog within the window, oldest first.
-- $1 slot, $2 window in seconds
select extract(epoch from measured_at)::float8 as at, wal_bytes_per_s, lag_seconds, keys
  from migration.backlog
 where slot = $1 and measured_at > clock_timestamp() - make_interval(secs => $2)
 order by measured_at
