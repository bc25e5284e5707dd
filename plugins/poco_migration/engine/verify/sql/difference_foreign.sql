-- Purpose: the entities of which a run has found foreign rows that were still there.
-- $1 run
select distinct entity from migration.difference where run = $1 and kind = 'foreign' and repaired_at is null
