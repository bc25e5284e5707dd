-- Purpose: the regions of these entities that are not POCO's to write: Xiaomi's, or on their way back.
-- $1 entities
select entity, region, owner from migration.system_of_record where owner <> 'POCO' and entity = any ($1)
