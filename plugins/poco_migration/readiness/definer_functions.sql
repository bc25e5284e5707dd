-- Side: source
-- Demanded: no function that runs with its owner's rights can be taken over by a temporary table, view or type
-- Next: Have POCO's owner run schema/source again (clear this task), and POCO's administrator legacy_store/schema/04_retire.sql: each named function needs search_path = pg_catalog, pg_temp. Then clear this task.
-- Why: where pg_temp is not named, PostgreSQL looks there first for tables, views and types. A body in begin atomic is bound when it is made.
select 'ALL' as region, coalesce(string_agg(p.oid::regprocedure::text, ', ' order by p.oid), 'all are safe') as measured, count(*) = 0 as ok
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
 where p.prosecdef and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
   and p.prosqlbody is null and not coalesce(p.proconfig @> array['search_path=pg_catalog, pg_temp'], false)
