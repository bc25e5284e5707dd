-- Purpose: which of these subjects have a tombstone.
select subject from migration.tombstone where subject = any ($1::bytea[])
