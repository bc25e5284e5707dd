-- Purpose: what was shown in a run before, newest first: drafts of its certificate, or results of a gate ("warnings of <gate>").
-- $1 stage, $2 run, $3 subject
(select sha256 from migration.draft where stage = $1 and run = $2 and $3 = $1 order by draft_id desc)
union all
(select sha256 from migration.gate where stage = $1 and run = $2 and $3 = 'warnings of ' || gate order by gate_id desc)
