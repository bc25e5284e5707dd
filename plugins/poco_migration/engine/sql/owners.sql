-- Purpose: the regions of these entities that Xiaomi owns.
-- $1 entities
select entity, region from migration.system_of_record where owner = 'Xiaomi' and entity = any ($1)
