-- Side: source
-- Demanded: the migrator has no right to write to a table of the store
-- Next: Revoke the named right from poco_migrator: what it must change there it does by functions of poco_export. Then clear this task.
select 'ALL' as region, coalesce(string_agg(c.relname, ', '), 'none writable') as measured, count(c.relname) = 0 as ok
  from pg_class c
 where c.relnamespace = 'poco'::regnamespace and c.relkind in ('r', 'p')
   and has_table_privilege('poco_migrator', c.oid, 'insert, update, delete, truncate')
