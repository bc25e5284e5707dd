-- Purpose: which transactions a run's comparison of these entities sees at the least: those that had committed when it began.
-- $1 run, $2 entities
insert into migration.comparison (run, entity, snapshot)
select $1, entity, pg_current_snapshot() from unnest($2::text[]) entity
    on conflict (run, entity) do update set snapshot = excluded.snapshot, began_at = clock_timestamp()
