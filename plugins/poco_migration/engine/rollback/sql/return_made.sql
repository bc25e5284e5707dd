-- Purpose: the rows made at mi.com that are to come back still; ascending.
-- $1 run, $2 entity
select target_key from migration.return_key where run = $1 and entity = $2 and kind = 'created' and state = 'found' order by target_key
