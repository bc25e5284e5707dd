-- Purpose: the columns by which other tables refer to a table, whoever's tables they are, as far as they may be read (on the target).
-- One row per foreign key. Order: by table and name.
-- $1 table
select c.conrelid::regclass::text as table_name,
       n.nspname as schema, k.relname as name,
       (select array_agg(a.attname::text order by x.n) from unnest(c.conkey) with ordinality x (attnum, n)
          join pg_attribute a on a.attrelid = c.conrelid and a.attnum = x.attnum)  as columns,
       (select array_agg(a.attname::text order by x.n) from unnest(c.confkey) with ordinality x (attnum, n)
          join pg_attribute a on a.attrelid = c.confrelid and a.attnum = x.attnum) as refers_to
  from pg_constraint c
  join pg_class k on k.oid = c.conrelid
  join pg_namespace n on n.oid = k.relnamespace
 where c.contype = 'f' and c.confrelid = to_regclass($1) and c.conparentid = 0
   and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.conrelid, 'select')
 order by 1, c.conname
