-- Side: target
-- Demanded: the auditor may read every table of mi.com that an entity moves to, and write none
-- Next: Grant select on the named table to mi_auditor, or revoke what is more than that, then clear this task.
with wanted as (
    select distinct to_regclass(c.value ->> 'table') as relation
      from jsonb_each(current_setting('migration.cards')::jsonb) c
     where c.value ->> 'moves' <> 'never'
)
select 'ALL' as region, coalesce(string_agg(relation::text, ', '), 'read, and written by nobody') as measured, count(relation) = 0 as ok
  from wanted
 where not has_table_privilege('mi_auditor', relation, 'select')
    or has_table_privilege('mi_auditor', relation, 'insert, update, delete, truncate')
