-- Purpose: what was archived, at which position, and what the restore drill has found. Counts, hashes and names of files.
-- Rerun:   safe.

-- One file per run, table and region. A file that an earlier run has written, of the same rows, is named again and not written.
create table if not exists migration.archive_file (
    run        text        not null,
    entity     text        not null,
    region     text        not null,
    object_key text        not null,            -- in the bucket `archive` of migration.toml
    sha256     text        not null,
    bytes      bigint      not null,
    rows       bigint      not null,
    row_groups integer     not null,
    erased     bigint      not null,            -- rows of people who were erased: without their personal columns
    plain      text        not null,            -- sums over the rows' hashes (engine/archive_rows.Sums), computed by POCO's server
    personal   text        not null,
    position   text        not null,            -- of POCO's log, when the rows were read
    lock_mode  text        not null default '', -- as the store tells it; empty: the bucket cannot lock
    lock_until timestamptz,
    written    boolean     not null,            -- by this run
    seconds    double precision not null,
    at         timestamptz not null default now(),
    primary key (run, entity, region)
);
create index if not exists archive_file_object on migration.archive_file (object_key);

-- What the files of a run are together, at one instant. The newest is the one that is restored.
create table if not exists migration.archive (
    archive_id bigint      generated always as identity primary key,
    run        text        not null,
    position   text        not null,            -- of POCO's log: every file equals its table there
    snapshot   text        not null,
    object_key text        not null,
    sha256     text        not null,            -- of the manifest
    locked     text        not null,            -- governance, compliance, or none
    made_at    timestamptz not null default now()
);

-- The restore drill: one row per table and region, and one for the manifest itself (entity manifest, region ALL).
create table if not exists migration.archive_restored (
    run      text    not null,
    entity   text    not null,
    region   text    not null,
    listed   bigint  not null,                  -- rows, as the manifest says
    restored bigint  not null,                  -- as the restored table has them
    source   bigint,                            -- as POCO's table has them now; null where the table has moved on since
    erased   bigint  not null,                  -- persons whose personal columns nobody can open any more
    problem  text    not null,                  -- empty: the same, row by row
    at       timestamptz not null default now(),
    primary key (run, entity, region)
);
