-- Side: target
-- Demanded: every table of mi.com that an entity moves to is there, and the migrator may read, insert, update and delete in it
-- Next: Grant the named rights to mi_migrator (mi_platform/schema/02_roles.sql), then clear this task.
with wanted as (
    select distinct c.value ->> 'table' as name
      from jsonb_each(current_setting('migration.cards')::jsonb) c
     where c.value ->> 'moves' <> 'never'
),
lacking as (
    select w.name || coalesce(' ' || p.privilege, ' is not there') as what
      from wanted w
      left join unnest(array['select', 'insert', 'update', 'delete']) p (privilege) on to_regclass(w.name) is not null
     where to_regclass(w.name) is null or not has_table_privilege(to_regclass(w.name), p.privilege)
)
select 'ALL' as region, coalesce(string_agg(what, ', '), 'all writable') as measured, count(what) = 0 as ok
  from lacking
