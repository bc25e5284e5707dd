-- Purpose: how many rows of each entity and region do not move by themselves, by outcome (on the target).
-- $1 entities
select entity, region, outcome, count(*) as rows
  from migration.left_out
 where entity = any ($1)
 group by entity, region, outcome
 union all
select entity, region, 'quarantined', count(*)
  from migration.quarantine
 where entity = any ($1) and resolved_at is null and reason <> 'kept_at_mi'
 group by entity, region
