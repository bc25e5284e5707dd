-- Purpose: the text columns of a table whose values a constraint enumerates or refers to: each value must be rehearsed.
-- $1 table (on the target)
select distinct a.attname as column_name
  from pg_constraint c
  join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey)
 where c.conrelid = to_regclass($1) and c.contype in ('c', 'f') and cardinality(c.conkey) = 1 and a.atttypid = 'text'::regtype
 order by 1
