-- Purpose: what is on its way back to POCO, and by which run.
-- $1 entities
select entity, region, run from migration.system_of_record where owner = 'returning' and entity = any ($1)
