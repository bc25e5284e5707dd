-- Side: source
-- Demanded: poco_migrator may make and read a replication slot (the attribute REPLICATION)
-- Next: Have the administrator run: alter role poco_migrator replication. Then clear this task.
select 'ALL' as region, case when rolreplication then 'may' else 'may not' end as measured, rolreplication or rolsuper as ok
  from pg_roles
 where rolname = 'poco_migrator'
