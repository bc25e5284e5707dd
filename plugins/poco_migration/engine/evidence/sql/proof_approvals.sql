-- Purpose: who signed what in a run, with the signature and the key it was checked with, for its certificate.
-- $1 run
select subject, approver, answered_at, draft, shown, public_key, signature from migration.approval where run = $1 order by subject, approver
