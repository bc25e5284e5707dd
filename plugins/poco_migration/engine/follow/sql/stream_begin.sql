-- Purpose: note where a new slot begins, and on which server.
-- $1 slot, $2 position, $3 server
insert into migration.stream (slot, captured, server) values ($1, $2::pg_lsn, $3)
