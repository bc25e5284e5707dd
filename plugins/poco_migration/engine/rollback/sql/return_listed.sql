-- Purpose: the rows of a return that are on the list already.
-- $1 run, $2 entity
select target_key from migration.return_key where run = $1 and entity = $2 and state = 'listed'
