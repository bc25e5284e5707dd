-- Purpose: the newest verdict of every gate of a run.
-- $1 stage, $2 run
select distinct on (gate) gate, verdict, expected, evaluated, failed, report, sha256, judged_at
  from migration.gate
 where stage = $1 and run = $2
 order by gate, gate_id desc
