-- Purpose: the rows of a return that are back.
-- $1 run, $2 entity
select source_key from migration.return_key where run = $1 and entity = $2 and state = 'back'
