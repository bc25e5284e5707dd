-- Side: target
-- Demanded: the migrator may see what other roles' sessions do (pg_read_all_stats)
-- Next: Have the administrator grant pg_read_all_stats to mi_migrator (docs/runbook.md, "Roles"): without it copies would never yield to mi.com. Then clear this task.
select 'ALL' as region, case when pg_has_role('pg_read_all_stats', 'usage') then 'seen' else 'not seen' end as measured,
       pg_has_role('pg_read_all_stats', 'usage') as ok
