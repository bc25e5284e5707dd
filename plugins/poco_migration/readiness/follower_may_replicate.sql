-- Side: source
-- Demanded: poco_follower may make and read a replication slot (the attribute REPLICATION); no other role of the migration may, and nobody is a member of it
-- Next: Have the administrator run: alter role poco_follower replication; and alter role ... noreplication, revoke poco_follower from ... for each one named (docs/runbook.md, "Roles"). Then clear this task.
-- Why: a role with REPLICATION reads the log of the whole server: every region, every secret column, every password verifier.
with found as (
    select 'poco_follower may not' as what
     where not exists (select from pg_roles where rolname = 'poco_follower' and rolreplication and not rolsuper)
     union all
    select rolname || ' may'
      from pg_roles
     where rolname in ('poco_migrator', 'poco_auditor', 'poco_archivist', 'poco_witness', 'poco_owner', 'poco_app') and (rolreplication or rolsuper)
     union all
    select m.rolname || ' is a member'
      from pg_auth_members a
      join pg_roles r on r.oid = a.roleid and r.rolname = 'poco_follower'
      join pg_roles m on m.oid = a.member
)
select 'ALL' as region, coalesce(string_agg(what, ', ' order by what), 'poco_follower alone') as measured, count(*) = 0 as ok
  from found
