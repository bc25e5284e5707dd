-- Purpose: one compared part, with the number of the copy that this snapshot sees: a copy that commits later is not proven by it.
-- $1 run, $2 entity, $3 part_no, $4 lo, $5 hi, $6 rows_source, $7 set_aside, $8 counted_source, $9 rows_target,
-- $10 counted_target, $11 differing, $12 seconds
insert into migration.difference_part (run, entity, part_no, lo, hi, rows_source, set_aside, counted_source, rows_target, counted_target,
                                       differing, seconds, copies)
select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
       coalesce((select p.copies from migration.part p where (p.entity, p.part_no) = ($2, $3)), -1)
