-- Purpose: what must be so before the shutdown, and what of it is not so.
-- $1 run, $2 name, $3 demanded, $4 lacking, $5 next action
insert into migration.shutdown_condition (run, name, demanded, lacking, next_action) values ($1, $2, $3, $4, $5)
