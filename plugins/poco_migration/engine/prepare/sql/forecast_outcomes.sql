-- Purpose: the newest outcome, entity by entity.
select run, forecast_run, entity, rows, seconds, forecast_rows, forecast_s, settled_at
  from migration.forecast_outcome
 where run = (select run from migration.forecast_outcome order by settled_at desc, run limit 1)
 order by entity
