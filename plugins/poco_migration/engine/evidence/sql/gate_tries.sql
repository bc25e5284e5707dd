-- Purpose: every verdict of every gate of a run, in the order in which they were made.
-- $1 stage, $2 run
select gate_id, gate, try_number, verdict, judged_at, report, sha256 from migration.gate where stage = $1 and run = $2 order by gate_id
