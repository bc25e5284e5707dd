-- Purpose: what the restore drill has found of one table and region; looked at again, the newest counts.
insert into migration.archive_restored (run, entity, region, listed, restored, source, persons, opened, erased, problem)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    on conflict (run, entity, region) do update
   set listed = excluded.listed, restored = excluded.restored, source = excluded.source, persons = excluded.persons,
       opened = excluded.opened, erased = excluded.erased, problem = excluded.problem, at = now()
