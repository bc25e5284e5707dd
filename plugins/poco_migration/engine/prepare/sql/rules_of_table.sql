-- Purpose: what a table of the target would refuse or quietly change, out of its catalog.
-- Kinds:   check (expression), not null, length (of a text type), scale (of a numeric), foreign (referenced table and column), unique.
-- Without: the primary key, whose values come from a range of their own, and foreign keys of several columns.
-- $1 table with its schema
with t as (select to_regclass($1) as oid)
select case k.contype when 'c' then 'check' when 'f' then 'foreign' else 'unique' end as kind,
       k.conname as name,
       (select array_agg(a.attname::text order by n) from unnest(k.conkey) with ordinality x (attnum, n)
          join pg_attribute a on a.attrelid = k.conrelid and a.attnum = x.attnum) as columns,
       case k.contype when 'c' then pg_get_expr(k.conbin, k.conrelid) end as expression,
       case k.contype when 'f' then (select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = k.confrelid) end as referenced,
       case k.contype when 'f' then (select a.attname::text from pg_attribute a where a.attrelid = k.confrelid and a.attnum = k.confkey[1]) end as referenced_column,
       null::integer as size,
       null::integer as scale
  from pg_constraint k, t
 where k.conrelid = t.oid and (k.contype in ('c', 'u') or k.contype = 'f' and cardinality(k.conkey) = 1)
 union all
select case when a.atttypid = 'numeric'::regtype then 'scale' else 'length' end,
       a.attname || case when a.atttypid = 'numeric'::regtype then ' is ' else ' of ' end || format_type(a.atttypid, a.atttypmod),
       array[a.attname::text], null, null, null,
       case when a.atttypid = 'numeric'::regtype then (((a.atttypmod - 4) >> 16) & 65535) - ((a.atttypmod - 4) & 2047) else a.atttypmod - 4 end,
       case when a.atttypid = 'numeric'::regtype then (a.atttypmod - 4) & 2047 end
  from pg_attribute a, t
 where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.atttypmod > 4
   and a.atttypid in ('numeric'::regtype, 'varchar'::regtype, 'bpchar'::regtype)
 union all
select 'not null', a.attname || ' is not null', array[a.attname::text], null, null, null, null, null
  from pg_attribute a, t
 where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attnotnull
 order by 1, 2
