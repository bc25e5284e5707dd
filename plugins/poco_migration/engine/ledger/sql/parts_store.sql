-- Purpose: remember one part of a plan.
-- $1 entity, $2 part_no, $3 lo, $4 hi
insert into migration.part (entity, part_no, lo, hi) values ($1, $2, $3, $4)
