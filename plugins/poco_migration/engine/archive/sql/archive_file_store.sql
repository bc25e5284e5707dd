-- Purpose: note a file of this run; a rerun that wrote another one replaces it.
insert into migration.archive_file (run, entity, region, object_key, sha256, bytes, rows, row_groups, persons, erased, plain, personal, position,
                                    lock_mode, lock_until, written, seconds)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
    on conflict (run, entity, region) do update
   set object_key = excluded.object_key, sha256 = excluded.sha256, bytes = excluded.bytes, rows = excluded.rows,
       row_groups = excluded.row_groups, persons = excluded.persons, erased = excluded.erased, plain = excluded.plain, personal = excluded.personal,
       position = excluded.position, lock_mode = excluded.lock_mode, lock_until = excluded.lock_until, written = excluded.written,
       seconds = excluded.seconds, at = now()
