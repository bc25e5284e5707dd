-- Purpose: what the ledger knows of the slot.
-- $1 slot
select captured::text as captured, lost, ended_at is not null as ended from migration.stream where slot = $1
