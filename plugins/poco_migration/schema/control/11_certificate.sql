-- Purpose: what people sign before a stage that cannot be undone, and the bytes of every certificate as they are published.
-- Holds:   hashes, counts and verdicts. Never a row, never a key that signs.
-- Rerun:   safe.

-- The certificate of a run as it stands before the signatures. The newest of a run is the one that must have been signed.
create table if not exists migration.draft (
    draft_id bigint      generated always as identity primary key,
    stage    text        not null,
    run      text        not null,
    made_at  timestamptz not null default now(),
    document text        not null,              -- canonical JSON, byte for byte as in S3
    sha256   text        not null,
    report   text        not null
);
create index if not exists draft_newest on migration.draft (stage, run, draft_id desc);

-- SHA-256 of the draft that was signed; null where warnings were accepted.
alter table migration.approval add column if not exists draft text;

-- The bucket is filled from here, so that a crash between the two leaves nothing there that the ledger does not know.
alter table migration.certificate add column if not exists signature text not null default '';
alter table migration.certificate add column if not exists page      text not null default '';
