-- Purpose: the regions in which somebody else than POCO owns one of these entities, or is about to.
-- $1 entities
select distinct region from migration.system_of_record where owner <> 'POCO' and entity = any ($1)
