-- Purpose: how many rows of one entity, region and reason will not move by themselves, of how many, and who says so.
-- $1 run, $2 entity, $3 region, $4 reason, $5 rows, $6 of rows, $7 origin
insert into migration.foreseen (run, entity, region, reason, rows, of_rows, origin) values ($1, $2, $3, $4, $5, $6, $7)
