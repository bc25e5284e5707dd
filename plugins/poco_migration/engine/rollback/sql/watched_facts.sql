-- Purpose: what must stay as it is while changes are kept by key: the table, its file and its columns, who inherits from it, and the
--          triggers with their function. xmin is the transaction that last wrote a row of the catalog, whatever it wrote.
--          A trigger whose function may not write the list is none.
-- One row per table that is there. Order: none.
-- $1 names with their schemas
select n.nspname || '.' || c.relname as table_name,
       array['table ' || c.oid || ', file ' || c.relfilenode || ', kind ' || c.relkind::text || ', row security ' || c.relrowsecurity,
             'heirs ' || coalesce((select string_agg(i.inhrelid::text, ' ' order by i.inhrelid) from pg_inherits i where i.inhparent = c.oid), 'none')]
         || array(select 'column ' || a.attnum || ' ' || a.attname || ' ' || a.atttypid
                    from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum)
         || array(select 'trigger ' || t.tgname || ' ' || t.oid || ' of ' || t.xmin || ', function ' || p.oid || ' of ' || p.xmin
                    from pg_trigger t join pg_proc p on p.oid = t.tgfoid
                   where t.tgrelid = c.oid and t.tgname like 'zz\_migration\_changed\_%' and t.tgenabled = 'A' and p.proname = 'note_change'
                     and has_schema_privilege(p.proowner, 'migration', 'usage')
                     and has_table_privilege(p.proowner, 'migration.changed_at_mi', 'insert')
                     and has_table_privilege(p.proowner, 'migration.changed_at_mi', 'select')
                   order by t.tgname) as facts
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
 where n.nspname || '.' || c.relname = any ($1)
