-- Side: source
-- Demanded: wal_level is logical
-- Next: Set wal_level = logical on POCO's server and restart it, then clear this task.
select 'ALL' as region, current_setting('wal_level') as measured, current_setting('wal_level') = 'logical' as ok
