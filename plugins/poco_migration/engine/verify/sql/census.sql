-- Purpose: how many rows each region has of each entity (on the source).
-- $1 entities
select entity, region, rows from poco_export.census where entity = any ($1)
