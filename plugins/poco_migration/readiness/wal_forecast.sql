-- Side: source
-- Demanded: what the store writes to its log while the backfill runs fits what the slot may retain, even if nothing were read
-- Next: Agree on a larger wal_budget_mb and max_slot_wal_keep_size with POCO's administrator, or copy at a quieter time; then clear this task.
with said as (
    select current_setting('migration.wal_bytes_per_s')::numeric as bytes_per_s, current_setting('migration.backfill_s')::numeric as seconds,
           least(current_setting('migration.wal_budget_mb')::bigint,
                 (select nullif(setting::bigint, -1) from pg_settings where name = 'max_slot_wal_keep_size')) as budget_mb
)
select 'ALL' as region,
       round(bytes_per_s * seconds / 1048576) || ' MB in ' || round(seconds) || ' s (' || round(bytes_per_s / 1024) || ' kB a second, '
         || current_setting('migration.wal_from') || '), budget ' || budget_mb || ' MB' as measured,
       bytes_per_s * seconds <= budget_mb * 1048576 as ok
  from said
