-- Purpose: a step of the switch begins.
-- $1 run, $2 attempt, $3 step, $4 regions
insert into migration.switch_step (run, attempt, step, regions) values ($1, $2, $3, $4) returning step_id
