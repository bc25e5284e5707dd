-- Purpose: what a return has found, brought back and listed, where it has found anything.
-- $1 run
select entity, region, kind, found, back, listed, unexplained
  from migration.returned
 where run = $1 and found > 0
 order by entity, region, kind
