-- Purpose: what a rehearsal of the way back has proven, per entity and region.
-- $1 run, $2 entity, $3 region, $4 keys, $5 equal
insert into migration.rollback_rehearsal as t (run, entity, region, keys, equal)
values ($1, $2, $3, $4, $5)
    on conflict (run, entity, region) do update set keys = excluded.keys, equal = excluded.equal, at = clock_timestamp()
