-- Purpose: the proof that one part was copied, written in the transaction that copied it.
-- $1 entity, $2 kind, $3 lo, $4 hi, $5 keys, $6 rows_read, $7 rows_kept, $8 rows_changed, $9 rows_gone, $10 rows_parked,
-- $11 bytes, $12 snapshot, $13 run, $14 rows_left
insert into migration.receipt (entity, kind, lo, hi, keys, rows_read, rows_kept, rows_changed, rows_gone, rows_parked,
                               bytes, snapshot, run, started_at, finished_at, rows_left)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, now(), clock_timestamp(), $14)
