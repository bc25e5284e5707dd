-- Purpose: one finding of an assessment.
-- $1 run, $2 region, $3 check, $4 measured, $5 demanded, $6 ok, $7 next action
insert into migration.readiness (run, region, check_name, measured, demanded, ok, next_action) values ($1, $2, $3, $4, $5, $6, $7)
