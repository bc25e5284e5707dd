-- Purpose: one thing in this database that is not of an earlier drill.
select n.nspname || '.' || c.relname as what
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
 where n.nspname not in ('pg_catalog', 'information_schema', $1) and n.nspname !~ '^pg_(toast|temp)'
 limit 1
