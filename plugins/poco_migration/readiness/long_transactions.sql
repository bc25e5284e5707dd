-- Side: source
-- Demanded: no transaction of the store is older than an hour
-- Next: Find the session in pg_stat_activity and end it with its owner: it holds back the slot and the freeze. Then clear this task.
select 'ALL' as region, coalesce(max(now() - xact_start)::text, 'none') as measured, coalesce(max(now() - xact_start), '0') < interval '1 hour' as ok
  from pg_stat_activity
 where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null
