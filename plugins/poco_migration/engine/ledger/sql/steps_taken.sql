-- Purpose: the steps of a stage that have come to their end, whichever run took them, and when the first of each began.
-- $1 stage
select step, min(began_at) as began_at
  from migration.switch_step
 where stage = $1 and seconds is not null
 group by step
