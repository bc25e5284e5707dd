-- Purpose: the rows that did not move when they were copied last, by entity, region and reason. Exact, after a rehearsal.
select entity, region, reason, 'quarantined' as outcome, count(*) as rows
  from migration.quarantine where resolved_at is null group by 1, 2, 3
 union all
select entity, region, reason, outcome, count(*) from migration.left_out group by 1, 2, 3, 4
 order by 1, 2, 3
