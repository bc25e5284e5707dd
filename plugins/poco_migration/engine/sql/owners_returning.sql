-- Purpose: what is on its way back to POCO.
-- $1 entities
select entity, region from migration.system_of_record where owner = 'returning' and entity = any ($1)
