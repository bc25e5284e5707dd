-- Purpose: note how often a part had been wanted when it was copied.
-- $1 entity, $2 part_no, $3 wanted
update migration.part set done = greatest(done, $3) where entity = $1 and part_no = $2
