-- Purpose: a step of the switch has ended.
-- $1 step_id, $2 keys, $3 seconds
update migration.switch_step set keys = $2, seconds = $3 where step_id = $1
