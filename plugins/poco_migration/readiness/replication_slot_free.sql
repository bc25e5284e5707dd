-- Side: source
-- Demanded: a replication slot is free for the migration, or is its own already
-- Next: Raise max_replication_slots on POCO's server and restart it, or have a slot dropped that nobody reads, then clear this task.
select 'ALL' as region, count(*) || ' of ' || current_setting('max_replication_slots') || ' in use' as measured,
       count(*) < current_setting('max_replication_slots')::integer or bool_or(slot_name = current_setting('migration.slot')) as ok
  from pg_replication_slots
