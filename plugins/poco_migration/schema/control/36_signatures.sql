-- Purpose: what people have signed, so that others can check it; and what they have not.
-- Rerun:   safe.

-- Which content the person was shown: the draft of the certificate, the result of the gate, or the keys of the person to erase.
alter table migration.approval add column if not exists shown text;
-- The person's own signature of it (`ssh-keygen -Y sign`), and the public key that it was checked with. Null in what was answered
-- before approvers had keys.
alter table migration.approval add column if not exists signature  text;
alter table migration.approval add column if not exists public_key text;

-- An answer that let nothing happen: asking until somebody says yes is seen.
create table if not exists migration.objection (
    objection_id bigint      generated always as identity primary key,
    stage        text        not null,
    run          text        not null,
    subject      text        not null,          -- as in migration.approval
    task         text        not null,
    person       text        not null,          -- as Airflow says
    kind         text        not null check (kind in ('rejected', 'refused', 'unanswered')),
    reason       text        not null,          -- the person's words, or why the program did not take the answer
    shown        text,
    noted_at     timestamptz not null default now()
);
create index if not exists objection_run on migration.objection (run);
grant select on migration.objection to mi_auditor;

-- Who has answered which question last, and what was shown: one person does not answer both questions of the same thing.
create table if not exists migration.answered (
    stage       text        not null,
    run         text        not null,
    subject     text        not null,
    task        text        not null,
    person      text        not null,           -- whose key has signed
    shown       text        not null,
    answered_at timestamptz not null default now(),
    primary key (stage, run, subject, task)
);
grant select on migration.answered to mi_auditor;
