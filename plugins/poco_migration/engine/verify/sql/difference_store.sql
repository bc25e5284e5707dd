-- Purpose: a key that was not equal.
-- $1 run, $2 entity, $3 source key, $4 kind
insert into migration.difference (run, entity, target_key, source_key, kind)
values ($1, $2, mi.poco_key($3), $3, $4)
    on conflict (run, entity, target_key) do nothing
