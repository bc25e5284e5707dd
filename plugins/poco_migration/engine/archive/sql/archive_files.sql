-- Purpose: the files of a run, in the order in which the manifest names them.
select entity, region, object_key, sha256, bytes, rows, row_groups, persons, erased, plain, personal, position, lock_mode, lock_until
  from migration.archive_file
 where run = $1
 order by entity, region
