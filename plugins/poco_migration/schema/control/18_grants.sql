-- Purpose: auditors and gates read the ledger; nobody but the migrator writes it. mi.com's owner may hold an ownership still.
-- Rerun:   safe.

grant usage on schema migration to mi_auditor, mi_owner;
grant select on all tables in schema migration to mi_auditor;

-- mi.com's guard (mi_platform/schema/03_guard.sql) asks who owns a row, and holds the answer: that takes the right to one column.
grant select, update (run) on migration.system_of_record to mi_owner;
