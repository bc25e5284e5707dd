-- Purpose: the rows in quarantine now, by entity, region and reason; quick enough for a store that is closed.
-- $1 entities
select entity, region, reason, count(*) as rows from migration.quarantine where entity = any ($1) and resolved_at is null group by 1, 2, 3
