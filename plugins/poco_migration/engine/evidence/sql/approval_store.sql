-- Purpose: a signature, at the ledger's own time. The same person signs the same thing once; the same signature keeps its time.
-- $1 stage, $2 run, $3 subject, $4 approver, $5 sha256 of what was shown, $6 the signature, $7 the public key it was checked with
insert into migration.approval as a (stage, run, subject, approver, answered_at, draft, shown, signature, public_key)
values ($1, $2, $3, $4, now(), case when $3 = $1 then $5 end, $5, $6, $7)
    on conflict (stage, run, subject, approver) do update
   set answered_at = case when a.signature = excluded.signature then a.answered_at else excluded.answered_at end,
       draft = excluded.draft, shown = excluded.shown, signature = excluded.signature, public_key = excluded.public_key
