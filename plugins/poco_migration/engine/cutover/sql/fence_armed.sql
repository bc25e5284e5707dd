-- Purpose: the tables whose fence is switched on, whether or not anything is closed in them (on the source).
select distinct c.relname as name
  from pg_trigger t
  join pg_class c on c.oid = t.tgrelid
 where c.relnamespace = 'poco'::regnamespace and t.tgname in ('zz_migration_fence', 'zz_migration_fence_truncate') and t.tgenabled <> 'D'
 order by c.relname
