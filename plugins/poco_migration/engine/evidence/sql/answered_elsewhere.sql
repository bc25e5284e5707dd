-- Purpose: the other question about the same thing that this person has answered already; none where there is none.
-- $1 stage, $2 run, $3 subject, $4 task, $5 person, $6 sha256 of what was shown
select task from migration.answered
 where stage = $1 and run = $2 and subject = $3 and task <> $4 and person = $5 and shown = $6
 limit 1
