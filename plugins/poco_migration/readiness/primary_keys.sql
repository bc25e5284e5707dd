-- Side: source
-- Demanded: every table of the store has a primary key
-- Next: A row without a key cannot be followed or told apart: add the key on the source, then clear this task.
select 'ALL' as region, coalesce(string_agg(c.relname, ', '), 'all have one') as measured, count(c.relname) = 0 as ok
  from pg_class c
 where c.relnamespace = 'poco'::regnamespace and c.relkind in ('r', 'p')
   and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)
