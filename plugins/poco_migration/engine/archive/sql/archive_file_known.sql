-- Purpose: the newest note of a file under this key, whichever run wrote it.
select sha256, bytes, rows, row_groups, erased, lock_mode, lock_until
  from migration.archive_file
 where object_key = $1
 order by at desc
 limit 1
