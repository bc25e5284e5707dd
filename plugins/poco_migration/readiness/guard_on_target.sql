-- Side: target
-- Demanded: mi.com's tables refuse writes to rows that are POCO's still
-- Next: mi.com's owner runs mi_platform/schema/03_guard.sql; then clear this task.
select 'ALL' as region, count(*) || ' of 36 triggers are there and enabled' as measured, count(*) = 36 as ok
  from pg_trigger t
 where t.tgname in ('aa_migration_guard_new', 'aa_migration_guard_old') and t.tgenabled <> 'D'
