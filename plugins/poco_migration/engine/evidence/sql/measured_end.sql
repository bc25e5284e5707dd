-- Purpose: a measurement has come to its end.
-- $1 number
update migration.measured set ended_at = clock_timestamp() where number = $1
