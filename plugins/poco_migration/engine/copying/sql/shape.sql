-- Purpose: the shape of these tables and views, and of every table that stands behind the views, from the catalog alone:
--          whoever may connect may ask. Runs on either side.
-- Counts:  columns, constraints, unique indexes, row security; where it is written also triggers and rules. Other indexes
--          do not count, nor does what the migration itself adds to the store (identity indexes, triggers of the fence).
-- $1 names with their schemas
-- $2 whether they are written (triggers and rules count)
-- $3 whether to describe them; the fingerprint alone is cheaper
with recursive known as (
    select c.oid
      from unnest($1::text[]) named
      join pg_namespace n on n.nspname = split_part(named, '.', 1)
      join pg_class c on c.relnamespace = n.oid and c.relname = split_part(named, '.', 2) and c.relkind in ('r', 'p', 'v', 'm', 'f')
     union
    select d.refobjid
      from known v
      join pg_rewrite w on w.ev_class = v.oid and w.rulename = '_RETURN'
      join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_class'::regclass
     where d.refobjid <> v.oid
),
-- As an array, so that each catalog is read by its index: temporary tables of the copies make the catalogs long.
reached as materialized (select array_agg(oid) as oids from known),
item (oid, place, name, shown, definition) as (
    select c.oid, 0, 'table', case c.relkind when 'r' then 'table' when 'p' then 'partitioned table' when 'v' then 'view' else 'foreign or stored' end
             || case c.relpersistence when 'u' then ', unlogged' else '' end
             || case when c.relrowsecurity then ', row security' else '' end,
           concat_ws(' ', c.relforcerowsecurity, c.reloptions)
      from pg_class c where c.oid = any ((select oids from reached)::oid[])
     union all
    select a.attrelid, a.attnum, 'column ' || a.attname,
           format_type(a.atttypid, a.atttypmod) || case when a.attnotnull then ' not null' else '' end
             || case when a.attgenerated <> '' then ' generated' when a.attidentity <> '' then ' identity' when a.atthasdef then ' default' else '' end,
           concat_ws(' ', a.attidentity, a.attgenerated, a.attcollation,
                     case when a.atthasdef then (select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d where d.adrelid = a.attrelid and d.adnum = a.attnum) end,
                     case when t.typtype = 'e' then (select string_agg(e.enumlabel, ',' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid) end)
      from pg_attribute a
      join pg_type t on t.oid = a.atttypid
     where a.attrelid = any ((select oids from reached)::oid[]) and a.attnum > 0 and not a.attisdropped
     union all
    select k.conrelid, 10000, 'constraint ' || k.conname,
           case k.contype when 'p' then 'primary key' when 'u' then 'unique' when 'f' then 'foreign key' when 'c' then 'check' else 'exclusion' end,
           pg_get_constraintdef(k.oid)
      from pg_constraint k where k.conrelid = any ((select oids from reached)::oid[]) and k.contype in ('p', 'u', 'f', 'c', 'x')
     union all
    select c.oid, 10001, 'index ' || i.relname, 'unique', pg_get_indexdef(i.oid)
      from pg_index x
      join pg_class c on c.oid = x.indrelid
      join pg_class i on i.oid = x.indexrelid
     where x.indrelid = any ((select oids from reached)::oid[]) and x.indisunique
       and i.relname <> c.relname || '_identity' and not exists (select from pg_constraint k where k.conindid = i.oid and k.conrelid = c.oid)
     union all
    select p.polrelid, 10002, 'policy ' || p.polname, 'row security', concat_ws(' ', p.polcmd, p.polpermissive, p.polroles,
           pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
      from pg_policy p where p.polrelid = any ((select oids from reached)::oid[])
     union all
    select w.ev_class, 10003, 'rule ' || w.rulename, 'rule', w.ev_action::text
      from pg_rewrite w where w.ev_class = any ((select oids from reached)::oid[]) and ($2::boolean or w.rulename = '_RETURN')
     union all
    select t.tgrelid, 10004, 'trigger ' || t.tgname, case t.tgenabled when 'D' then 'trigger, disabled' else 'trigger' end,
           concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled, (select p.prosrc from pg_proc p where p.oid = t.tgfoid))
      from pg_trigger t where t.tgrelid = any ((select oids from reached)::oid[]) and not t.tgisinternal and $2::boolean
)
select n.nspname || '.' || c.relname as table_name,
       md5(string_agg(concat_ws(' ', i.name, i.shown, i.definition), E'\n' order by i.place, i.name)) as fingerprint,
       coalesce(jsonb_object_agg(i.name, jsonb_build_array(i.shown, md5(i.definition))) filter (where $3::boolean), '{}') as description
  from item i
  join pg_class c on c.oid = i.oid
  join pg_namespace n on n.oid = c.relnamespace
 group by n.nspname, c.relname
