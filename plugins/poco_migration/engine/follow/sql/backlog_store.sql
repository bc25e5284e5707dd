-- Purpose: keep one sample of the backlog. Its rate is taken against the oldest sample of the window; older than a week they go.
-- $1 slot, $2 written, $3 retained bytes, $4 lag bytes, $5 lag seconds, $6 keys, $7 window in seconds
with expired as (
    delete from migration.backlog where measured_at < now() - interval '7 days'
)
insert into migration.backlog (slot, written, retained_bytes, lag_bytes, lag_seconds, keys, wal_bytes_per_s)
select $1, $2::pg_lsn, $3, $4, $5, $6,
       coalesce((select greatest(0, pg_wal_lsn_diff($2::pg_lsn, b.written)) / nullif(extract(epoch from clock_timestamp() - b.measured_at), 0)
                   from migration.backlog b
                  where b.slot = $1 and b.measured_at > clock_timestamp() - make_interval(secs => $7)
                  order by b.measured_at
                  limit 1), 0)
