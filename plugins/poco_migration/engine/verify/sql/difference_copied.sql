-- Purpose: these keys have been copied since they were found.
-- $1 run, $2 entity, $3 source keys
update migration.difference
   set copied_at = clock_timestamp()
 where run = $1 and entity = $2 and source_key = any ($3)
