-- Purpose: what has been mi.com's and is POCO's again.
-- $1 entities
select entity, region from migration.system_of_record where owner = 'POCO' and entity = any ($1)
