-- Purpose: all that one role can do in a database, by its own grants, by those of PUBLIC and of the roles it is a member of.
-- Shape:   kind, thing, right, columns (null: the whole thing). PostgreSQL's own schemas are not in it.
-- %(role)s the role's name.
with schema as (
    select oid, nspname from pg_namespace
     where nspname !~ '^pg_' and nspname <> 'information_schema' and has_schema_privilege(%(role)s, oid, 'usage')
),
relation as (
    select c.oid, s.nspname || '.' || c.relname as thing, c.relkind from pg_class c join schema s on s.oid = c.relnamespace
     where c.relkind in ('r', 'v', 'm', 'p', 'f', 'S')
),
whole as (
    select r.oid, r.thing, p.may
      from relation r
     cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger', 'maintain']) as p (may)
     where r.relkind <> 'S' and has_table_privilege(%(role)s, r.oid, p.may)
)
select '1 role' as kind, rolname::text as thing,
       concat_ws(', ', 'login', case when rolsuper then 'superuser' end, case when rolreplication then 'REPLICATION' end,
                 case when rolcreaterole then 'createrole' end, case when rolcreatedb then 'createdb' end,
                 case when rolbypassrls then 'bypassrls' end) as may, null::text[] as columns
  from pg_roles where rolname = %(role)s
 union all
select '2 member of', r.rolname, 'member', null from pg_roles r where r.rolname <> %(role)s and pg_has_role(%(role)s, r.oid, 'member')
 union all
select '3 database', 'this one', p.may, null
  from unnest(array['create', 'temporary', 'connect']) as p (may) where has_database_privilege(%(role)s, current_database(), p.may)
 union all
select '4 replication slot', 'of this database', 'read, advance, drop', null
 where exists (select from pg_roles where rolname = %(role)s and (rolreplication or rolsuper))
 union all
select '5 schema', nspname, case when has_schema_privilege(%(role)s, oid, 'create') then 'usage, create' else 'usage' end, null from schema
 union all
select '6 table', w.thing, string_agg(w.may, ', ' order by w.may), null from whole w group by w.thing
 union all
select '7 columns', r.thing, p.may, array_agg(a.attname::text order by a.attnum)
  from relation r
 cross join unnest(array['select', 'insert', 'update', 'references']) as p (may)
  join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
 where r.relkind <> 'S' and not has_table_privilege(%(role)s, r.oid, p.may) and has_column_privilege(%(role)s, r.oid, a.attnum, p.may)
 group by r.thing, p.may
 union all
select '8 sequence', r.thing, string_agg(p.may, ', ' order by p.may), null
  from relation r cross join unnest(array['usage', 'select', 'update']) as p (may)
 where r.relkind = 'S' and has_sequence_privilege(%(role)s, case when r.relkind = 'S' then r.oid end, p.may)
 group by r.thing
 union all
select '9 function', p.oid::regprocedure::text, case when p.prosecdef then 'as ' || pg_get_userbyid(p.proowner) else 'as itself' end, null
  from pg_proc p join schema s on s.oid = p.pronamespace
 where has_function_privilege(%(role)s, p.oid, 'execute')
