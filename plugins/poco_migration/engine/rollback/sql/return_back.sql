-- Purpose: these rows are back.
-- $1 run, $2 entity, $3 target keys
update migration.return_key set state = 'back' where run = $1 and entity = $2 and target_key = any ($3) and state = 'found'
