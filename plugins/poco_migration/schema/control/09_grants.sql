-- Purpose: auditors and gates read the ledger; nobody but the migrator writes it.
-- Rerun:   safe.

grant usage on schema migration to mi_auditor;
grant select on all tables in schema migration to mi_auditor;
