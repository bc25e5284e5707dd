-- Purpose: who signed what in a run, and which draft of its certificate, for its certificate.
-- $1 run
select subject, approver, answered_at, draft from migration.approval where run = $1 order by subject, approver
