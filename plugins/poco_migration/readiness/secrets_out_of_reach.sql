-- Side: source
-- Demanded: the migrator cannot read a table of the store, only the views of poco_export
-- Next: Revoke the named right from poco_migrator, then clear this task.
select 'ALL' as region, coalesce(string_agg(c.relname, ', '), 'none readable') as measured, count(c.relname) = 0 as ok
  from pg_class c
 where c.relnamespace = 'poco'::regnamespace and c.relkind in ('r', 'p') and has_any_column_privilege('poco_migrator', c.oid, 'select')
