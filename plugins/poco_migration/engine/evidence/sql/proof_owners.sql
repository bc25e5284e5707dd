-- Purpose: what a run has handed over, for its certificate.
-- $1 run
select entity, region, owner, since from migration.system_of_record where run = $1 order by entity, region
