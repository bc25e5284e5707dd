-- Purpose: the findings of one assessment, in the shape of the model.
-- $1 run
select region, check_name as "check", measured, demanded, ok, next_action, severity from migration.readiness where run = $1
