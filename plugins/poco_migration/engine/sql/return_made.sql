-- Purpose: the rows made at mi.com that are to come back still.
-- $1 run
select entity, target_key from migration.return_key where run = $1 and kind = 'created' and state = 'found' order by entity, target_key
