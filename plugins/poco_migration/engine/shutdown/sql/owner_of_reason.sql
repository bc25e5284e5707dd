-- Purpose: who sees to the quarantined rows of a reason.
-- $1 reason, $2 owner
insert into migration.reason_owner as o (reason, owner) values ($1, $2)
    on conflict (reason) do update set owner = excluded.owner where o.owner <> excluded.owner
