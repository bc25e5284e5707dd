-- Purpose: the regions that a run has returned already.
-- $1 run
select distinct region from migration.returned where run = $1 and region <> 'UNKNOWN'
