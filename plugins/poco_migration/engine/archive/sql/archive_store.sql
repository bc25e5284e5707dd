-- Purpose: note what the files of a run are together.
insert into migration.archive (run, position, snapshot, object_key, sha256, locked)
values ($1, $2, $3, $4, $5, $6)
