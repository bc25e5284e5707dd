-- Purpose: what one entity's load took, beside what was expected.
-- $1 run, $2 run of the forecast, $3 entity, $4 rows, $5 seconds, $6 rows expected, $7 seconds expected
insert into migration.forecast_outcome (run, forecast_run, entity, rows, seconds, forecast_rows, forecast_s)
values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (run, entity) do update
   set forecast_run = excluded.forecast_run, rows = excluded.rows, seconds = excluded.seconds, forecast_rows = excluded.forecast_rows,
       forecast_s = excluded.forecast_s, settled_at = now()
