-- Side: target
-- Demanded: the auditor may read every table of mi.com that an entity moves to (of vouchers all but the code), and write none
-- Next: Grant select on the named table to mi_auditor, or revoke what is more than that, then clear this task.
with wanted as (
    select distinct to_regclass(c.value ->> 'table') as relation
      from jsonb_each(current_setting('migration.cards')::jsonb) c
     where c.value ->> 'moves' <> 'never'
)
select 'ALL' as region, coalesce(string_agg(relation::text, ', '), 'read, and written by nobody') as measured, count(relation) = 0 as ok
  from wanted
 where exists (select from pg_attribute a
                where a.attrelid = relation and a.attnum > 0 and not a.attisdropped
                  and (relation, a.attname) not in (values (to_regclass('mi.vouchers'), name 'code'))
                  and not has_column_privilege('mi_auditor', relation, a.attnum, 'select'))
    or has_table_privilege('mi_auditor', relation, 'insert, update, delete, truncate')
