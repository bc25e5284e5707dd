-- Purpose: the newest draft of a run.
-- $1 stage, $2 run
select stage, run, made_at, document, sha256, report from migration.draft where stage = $1 and run = $2 order by draft_id desc limit 1
