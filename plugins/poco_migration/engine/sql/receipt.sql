-- Purpose: the proof that one part was copied, written in the transaction that copied it.
-- Parameters, in order: entity, kind, lo, hi, keys, rows_read, rows_kept, rows_changed, rows_gone, rows_parked,
-- bytes, snapshot, run.

insert into migration.receipt (entity, kind, lo, hi, keys, rows_read, rows_kept, rows_changed, rows_gone, rows_parked,
                               bytes, snapshot, run, started_at, finished_at)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, now(), clock_timestamp())
