-- Purpose: keep one look at a closed table.
-- $1 look, $2 entity, $3 region, $4 rows, $5 mark, $6 instant on the calendar, $7 run
insert into migration.quiet (look, entity, region, rows, mark, looked_at, run) values ($1, $2, $3, $4, $5, $6, $7)
