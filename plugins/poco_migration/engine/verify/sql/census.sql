-- Purpose: how many rows each region has of one part of an entity (on the source).
-- $1 entity, $2 lo, $3 hi (null is open)
select region, rows from poco_export.census_of($1, $2, $3)
