-- Purpose: the columns that refer to a table by its key, whoever's tables they are in (on the target).
-- $1 table
select k.relnamespace::regnamespace::text as schema, k.relname as table_name, a.attname as column_name
  from pg_constraint c
  join pg_class k on k.oid = c.conrelid
  join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
 where c.contype = 'f' and c.confrelid = to_regclass($1) and cardinality(c.conkey) = 1
 order by 1, 2, 3
