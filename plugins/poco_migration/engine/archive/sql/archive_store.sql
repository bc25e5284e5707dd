-- Purpose: note what the files of a run are together, and how many persons have a key at that time.
insert into migration.archive (run, position, snapshot, object_key, sha256, locked, keys, made_at)
select $1, $2, $3, $4, $5, $6, (select count(*) from migration.person_key), clock_timestamp()
