-- Purpose: the newest forecast, entity by entity.
select run, entity, moves, rows, parts, bytes, seconds, rate_from, made_at
  from migration.forecast
 where run = (select run from migration.forecast order by made_at desc, run limit 1)
