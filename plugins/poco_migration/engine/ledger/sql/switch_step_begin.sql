-- Purpose: a step of the switch, or of the shutdown, begins.
-- $1 run, $2 attempt, $3 step, $4 regions, $5 stage
insert into migration.switch_step (run, attempt, step, regions, stage) values ($1, $2, $3, $4, $5) returning step_id
