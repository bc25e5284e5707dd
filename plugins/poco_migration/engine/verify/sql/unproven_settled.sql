-- Purpose: these have been compared; by number, because the same key may be owed anew.
-- $1 sequence numbers
delete from migration.unproven where seq = any ($1)
