-- Purpose: the rows that do not move, by entity, region, outcome and reason, as the ledger has them now.
-- $1 entities
select entity, region, 'quarantined' as outcome, reason, count(*) as rows
  from migration.quarantine where entity = any ($1) and resolved_at is null group by 1, 2, 3, 4
 union all
select entity, region, outcome, reason, count(*) from migration.left_out where entity = any ($1) group by 1, 2, 3, 4
 union all
select entity, region, 'not returned', reason, count(*) from migration.not_returned where entity = any ($1) and resolved_at is null group by 1, 2, 4
