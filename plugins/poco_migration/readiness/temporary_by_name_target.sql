-- Side: target
-- Demanded: temporary objects are made by the roles that need them, by name, and by nobody else: by default PostgreSQL lets everybody
-- Next: Have the administrator run the revoke and the grant of docs/runbook.md, "Roles", on mi.com's database. Then clear this task.
select 'ALL' as region, coalesce(string_agg(rolname, ', '), 'by who needs them') as measured, count(*) = 0 as ok
  from pg_roles
 where rolname in ('mi_app', 'mi_board', 'mi_ledger') and has_database_privilege(rolname, current_database(), 'temporary')
