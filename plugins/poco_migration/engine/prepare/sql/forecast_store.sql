-- Purpose: keep the forecast of one entity.
-- $1 run, $2 entity, $3 milestone, $4 rows, $5 counted or estimated, $6 parts, $7 bytes, $8 seconds, $9 where the rate comes from
insert into migration.forecast (run, entity, moves, rows, rows_from, parts, bytes, seconds, rate_from)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    on conflict (run, entity) do update
   set rows = excluded.rows, rows_from = excluded.rows_from, parts = excluded.parts, bytes = excluded.bytes,
       seconds = excluded.seconds, rate_from = excluded.rate_from, made_at = now()
