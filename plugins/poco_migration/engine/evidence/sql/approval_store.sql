-- Purpose: a signature. The same person signs the same thing once.
-- $1 stage, $2 run, $3 subject, $4 approver, $5 answered at, $6 sha256 of the draft, or null
insert into migration.approval (stage, run, subject, approver, answered_at, draft)
values ($1, $2, $3, $4, $5, $6)
    on conflict (stage, run, subject, approver) do update
   set answered_at = excluded.answered_at, draft = excluded.draft
