-- Purpose: who signed what in a run, for its certificate.
-- $1 run
select subject, approver, answered_at from migration.approval where run = $1 order by subject, approver
