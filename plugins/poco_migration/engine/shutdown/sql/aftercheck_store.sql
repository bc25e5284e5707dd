-- Purpose: what the daily look has tried.
-- $1 run, $2 name, $3 subject, $4 problem, $5 next action
insert into migration.aftercheck (run, name, subject, problem, next_action) values ($1, $2, $3, $4, $5)
