-- Purpose: one part of a plan that is cut anew.
-- $1 entity, $2 part_no, $3 lo, $4 hi, $5 wanted, $6 copied_at, $7 copies, $8 proven_copies
insert into migration.part (entity, part_no, lo, hi, wanted, copied_at, copies, proven_copies) values ($1, $2, $3, $4, $5, $6, $7, $8)
