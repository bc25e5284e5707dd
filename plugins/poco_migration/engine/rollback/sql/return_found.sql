-- Purpose: take up a row that has changed at mi.com. One that is listed already stays listed.
-- $1 run, $2 entity, $3 target key, $4 source key, $5 region, $6 kind
insert into migration.return_key (run, entity, target_key, source_key, region, kind)
values ($1, $2, $3, $4, $5, $6)
    on conflict (run, entity, target_key) do update
   set state = 'found' where return_key.state = 'back'
