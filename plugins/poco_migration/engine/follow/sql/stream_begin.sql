-- Purpose: note where a new slot begins.
-- $1 slot, $2 position
insert into migration.stream (slot, captured) values ($1, $2::pg_lsn)
