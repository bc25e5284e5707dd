-- Side: source
-- Demanded: no transaction of the store is older than assess.long_transaction_s
-- Next: Find the session in pg_stat_activity and end it with its owner: it holds back the slot and the freeze. Then clear this task.
select 'ALL' as region, coalesce(max(now() - xact_start)::text, 'none') as measured,
       coalesce(max(now() - xact_start), '0') <= make_interval(secs => current_setting('migration.long_transaction_s')::integer) as ok
  from pg_stat_activity
 where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null and backend_type = 'client backend'
