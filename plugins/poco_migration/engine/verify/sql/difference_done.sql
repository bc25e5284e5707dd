-- Purpose: has this run compared this part already?
-- $1 run, $2 entity, $3 part_no
select finished_at from migration.difference_part where run = $1 and entity = $2 and part_no = $3
