-- Side: source
-- Demanded: the migrator may read every view of poco_export that an entity is copied from (before they are installed: the prepare stage grants it)
-- Next: Clear the task install, which grants it, or grant select on the named view to poco_migrator as poco_owner. Then clear this task.
with wanted as (
    select c.key as entity, to_regclass('poco_export.' || quote_ident(c.key)) as view
      from jsonb_each(current_setting('migration.cards')::jsonb) c
     where c.value ->> 'moves' <> 'never'
),
refused as (
    select entity from wanted
     where to_regnamespace('poco_export') is not null and (view is null or not has_table_privilege('poco_migrator', view, 'select'))
)
select 'ALL' as region,
       case when to_regnamespace('poco_export') is null then 'not installed yet' else coalesce(string_agg(entity, ', '), 'all readable') end as measured,
       count(entity) = 0 as ok
  from refused
