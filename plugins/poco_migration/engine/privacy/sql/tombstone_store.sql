-- Purpose: leave a tombstone; one that is there stays.
-- $1 subject
insert into migration.tombstone (subject) values ($1) on conflict do nothing
