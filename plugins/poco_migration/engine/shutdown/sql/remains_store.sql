-- Purpose: keep how the closed store looked.
-- $1 run, $2 what, $3 region, $4 number
insert into migration.remains (run, what, region, number) values ($1, $2, $3, $4)
