-- Purpose: note that a warning is told; gives nothing back when it was told before. Committed after it was sent.
-- $1 stage, $2 kind, $3 due, $4 hours before
insert into migration.alert (stage, kind, due, before_hours) values ($1, $2, $3, $4)
    on conflict do nothing
returning true as first
