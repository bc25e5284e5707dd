-- Side: source
-- Demanded: no table of the store is unlogged
-- Next: Run: alter table ... set logged, for each named table: a change of it is not in the log and could not be followed. Then clear this task.
select 'ALL' as region, coalesce(string_agg(c.relname, ', '), 'none') as measured, count(c.relname) = 0 as ok
  from pg_class c
 where c.relnamespace = 'poco'::regnamespace and c.relkind in ('r', 'p') and c.relpersistence = 'u'
