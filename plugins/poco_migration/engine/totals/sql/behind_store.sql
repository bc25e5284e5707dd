-- Purpose: what hangs on rows that stay behind.
-- $1 run, $2 region, $3 what, $4 rows, $5 amount
insert into migration.behind (run, region, what, rows, amount) values ($1, $2, $3, $4, $5)
