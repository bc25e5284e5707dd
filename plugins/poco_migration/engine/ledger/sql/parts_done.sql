-- Purpose: note that a part has been copied, and how often it had been wanted then.
-- $1 entity, $2 part_no, $3 wanted
update migration.part set done = greatest(done, $3), copied_at = clock_timestamp() where entity = $1 and part_no = $2
