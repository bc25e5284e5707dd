-- Purpose: an answer that let nothing happen.
-- $1 stage, $2 run, $3 subject, $4 task, $5 person, $6 kind, $7 reason, $8 sha256 of what was shown, or null
insert into migration.objection (stage, run, subject, task, person, kind, reason, shown) values ($1, $2, $3, $4, $5, $6, $7, $8)
