-- Side: source
-- Demanded: pg_hba.conf lets no role of the migration take a copy of the whole server (the database "replication")
-- Next: Have the administrator put "host replication all all reject" before the named lines and reload (deploy/pg_hba.conf is an example); where nothing can be seen, run legacy_store/schema/05_doors.sql as a superuser. Then clear this task.
-- Needs: poco_dba.replication_doors()
select 'ALL' as region, coalesce(string_agg(door, '; '), 'no line does') as measured, count(*) = 0 as ok
  from poco_dba.replication_doors() as door
