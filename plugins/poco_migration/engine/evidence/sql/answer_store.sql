-- Purpose: who has answered this question last. Rerun: safe.
-- $1 stage, $2 run, $3 subject, $4 task, $5 person, $6 sha256 of what was shown
insert into migration.answered (stage, run, subject, task, person, shown) values ($1, $2, $3, $4, $5, $6)
    on conflict (stage, run, subject, task) do update
   set person = excluded.person, shown = excluded.shown, answered_at = now()
