-- Purpose: how this server feels, in numbers alone, for the throttle. Made in the first schema of the search path.
-- Shape:   health(own_slot) gives (signal, measured), one row per signal, 0 where there is nothing to measure.
-- Why:     a function of the owner, so that POCO's migrator needs no right on pg_stat_activity, which shows the store's
--          statements with their values. The owner must be in pg_read_all_stats (readiness/health_is_seen.sql).
-- Ours:    the sessions of whoever calls, and the slot given; they are watched elsewhere (engine/follow/backlog.py).
-- Rerun:   safe.

create or replace function health(own_slot text) returns table (signal text, measured numeric)
    language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
with activity as (
    select a.pid, a.state, a.usename is not distinct from session_user as ours
      from pg_stat_activity a
     where a.backend_type = 'client backend'
),
waiting as (
    select l.pid, extract(epoch from clock_timestamp() - min(l.waitstart)) as seconds
      from pg_locks l join activity a on a.pid = l.pid and not a.ours
     where not l.granted
     group by l.pid
),
standby as (
    select r.replay_lag, r.replay_lsn
      from pg_stat_replication r
     where r.state in ('streaming', 'catchup')
       and not exists (select from pg_replication_slots s where s.active_pid = r.pid and s.slot_type = 'logical')
)
select 'replay_lag_mb', coalesce(max(pg_wal_lsn_diff(pg_current_wal_insert_lsn(), replay_lsn)), 0) / 1e6 from standby
 union all
select 'replay_lag_s', coalesce(max(extract(epoch from replay_lag)), 0) from standby
 union all
select 'active_sessions', count(*) from activity where state = 'active' and not ours
 union all
select 'retained_wal_mb', coalesce(max(pg_wal_lsn_diff(pg_current_wal_insert_lsn(), restart_lsn)), 0) / 1e6
  from pg_replication_slots where slot_name <> own_slot
 union all
select 'lock_wait_s', coalesce(max(seconds), 0) from waiting
 union all
select 'blocked_by_us_s', coalesce(max(w.seconds), 0)
  from waiting w
 where exists (select from activity a where a.ours and a.pid = any (pg_blocking_pids(w.pid)))
$$;

revoke all on function health(text) from public;
