-- Purpose: rows that do not move, as a run has counted them; excused_weigh.sql puts them beside what may stay behind.
-- $1 run, $2 entity, $3 region, $4 outcome, $5 reason, $6 rows
insert into migration.excused (run, entity, region, outcome, reason, rows, of_rows, share, limit_from)
values ($1, $2, $3, $4, $5, $6, 0, 0, 'not weighed')
