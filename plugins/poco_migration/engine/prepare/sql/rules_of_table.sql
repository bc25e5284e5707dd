-- Purpose: what a table of the target would refuse or quietly change, out of its catalog.
-- Kinds:   check (expression), not null, length (of a text type), scale (of a numeric), foreign (referenced table and column), unique.
-- Shape:   asks is false where a check's expression is more than immutable functions and types of PostgreSQL's own: it is mi.com's text, and
--          is to run on POCO's server. Its tree is read and not its text: every kind of node, function, operator and type must be known.
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
       null::integer as scale,
       k.contype <> 'c'
       or not exists (select from regexp_matches(k.conbin::text, '\{([A-Z_]+)', 'g') m
                       where m[1] <> all ('{OPEXPR,FUNCEXPR,VAR,CONST,BOOLEXPR,NULLTEST,BOOLEANTEST,SCALARARRAYOPEXPR,RELABELTYPE,CASEEXPR,'
                                          'CASEWHEN,CASETESTEXPR,COALESCEEXPR,ARRAYEXPR,DISTINCTEXPR,NULLIFEXPR,MINMAXEXPR,COLLATEEXPR,'
                                          'ARRAYCOERCEEXPR}'::text[]))
      and not exists (select from regexp_matches(k.conbin::text, ':(funcid|opno) (\d+)', 'g') m
                        left join pg_operator o on m[1] = 'opno' and o.oid = m[2]::oid and o.oprnamespace = 'pg_catalog'::regnamespace
                        left join pg_proc p on p.oid = case m[1] when 'opno' then o.oprcode else m[2]::oid end
                       where p.oid is null or p.provolatile <> 'i' or p.prosecdef or p.pronamespace <> 'pg_catalog'::regnamespace)
      and not exists (select from regexp_matches(k.conbin::text, ':(?:consttype|vartype|casetype|coalescetype|minmaxtype|array_typeid|element_typeid'
                                                                 '|resulttype|opresulttype|funcresulttype|typeId) (\d+)', 'g') m
                        left join pg_type y on y.oid = m[1]::oid
                       where y.typnamespace is distinct from 'pg_catalog'::regnamespace)
      and k.conbin::text !~ ':varattno 0 ' as asks
  from pg_constraint k, t
 where k.conrelid = t.oid and (k.contype in ('c', 'u') or k.contype = 'f' and cardinality(k.conkey) = 1)
 union all
select case when a.atttypid = 'numeric'::regtype then 'scale' else 'length' end,
       a.attname || case when a.atttypid = 'numeric'::regtype then ' is ' else ' of ' end || format_type(a.atttypid, a.atttypmod),
       array[a.attname::text], null, null, null,
       case when a.atttypid = 'numeric'::regtype then (((a.atttypmod - 4) >> 16) & 65535) - ((a.atttypmod - 4) & 2047) else a.atttypmod - 4 end,
       case when a.atttypid = 'numeric'::regtype then (a.atttypmod - 4) & 2047 end, true
  from pg_attribute a, t
 where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.atttypmod > 4
   and a.atttypid in ('numeric'::regtype, 'varchar'::regtype, 'bpchar'::regtype)
 union all
select 'not null', a.attname || ' is not null', array[a.attname::text], null, null, null, null, null, true
  from pg_attribute a, t
 where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attnotnull
 order by 1, 2
