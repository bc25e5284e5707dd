-- Purpose: a row of the target that no key of the source stands for. Found outside of POCO's keys, it is no suspicion.
-- $1 run, $2 entity, $3 target key
insert into migration.difference as d (run, entity, target_key, kind, confirmed_at)
values ($1, $2, $3, 'foreign', clock_timestamp())
    on conflict (run, entity, target_key) do update
   set repaired_at = null
