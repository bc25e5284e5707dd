-- Side: source
-- Demanded: the server lets a slot keep as much log as the budget of migration.toml (max_slot_wal_keep_size; -1 is no limit)
-- Next: Raise max_slot_wal_keep_size on POCO's server, or lower wal_budget_mb: the slot would be lost before anybody is alarmed. Then clear this task.
select 'ALL' as region,
       case when setting = '-1' then 'no limit but the disk' else setting || ' MB' end || ', budget ' || current_setting('migration.wal_budget_mb') || ' MB' as measured,
       setting = '-1' or setting::bigint >= current_setting('migration.wal_budget_mb')::bigint as ok
  from pg_settings
 where name = 'max_slot_wal_keep_size'
