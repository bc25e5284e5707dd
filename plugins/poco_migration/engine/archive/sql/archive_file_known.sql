-- Purpose: the newest note of a file under this key, whichever run wrote it; none where a restore has found since that it does not open
--          for everybody: then it is to be written again, with keys that are there.
select f.sha256, f.bytes, f.rows, f.row_groups, f.persons, f.erased, f.lock_mode, f.lock_until
  from migration.archive_file f
 where f.object_key = $1 and f.persons is not null
   and not exists (select from migration.archive_restored r
                    where r.run = f.run and r.entity = f.entity and r.region = f.region and r.at > f.at
                      and r.opened + r.erased <> r.persons)
 order by f.at desc
 limit 1
