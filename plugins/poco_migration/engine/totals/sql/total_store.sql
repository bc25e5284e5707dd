-- Purpose: one bucket of a control total.
-- $1 run, $2 total, $3 region, $4 bucket, $5 source, $6 target
insert into migration.control_total (run, total, region, bucket, source, target) values ($1, $2, $3, $4, $5, $6)
