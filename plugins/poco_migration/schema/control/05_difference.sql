-- Purpose: what a comparison row by row has looked at, and every key that was not equal. Keys and counts only.
-- Rerun:   safe.

-- One line per compared part, written with the keys that were found in it: all of it or nothing.
create table if not exists migration.difference_part (
    run            text             not null,
    entity         text             not null,
    part_no        integer          not null,
    lo             bigint,
    hi             bigint,
    rows_source    bigint           not null,   -- hashed on the source
    set_aside      bigint           not null,   -- handed out by the source, and in quarantine or left out: not expected on the target
    counted_source bigint           not null,   -- rows of the export view in the same snapshot, counted without extract.sql
    rows_target    bigint           not null,   -- hashed on the target, or found there outside of readback.sql
    counted_target bigint           not null,   -- rows of mi.com's table in the same snapshot, counted without readback.sql
    differing      bigint           not null,   -- keys that are to be looked at again
    seconds        double precision not null,
    finished_at    timestamptz      not null default clock_timestamp(),
    primary key (run, entity, part_no)
);

-- lost: the target does not have it. extra: the source does not have it. stale: both have it, with other values.
-- duplicated: one side has it more than once. held: set aside, and the source does not say why. foreign: a row outside of
-- POCO's keys that is marked as POCO's or hangs on a POCO row; no row of the source can be named for it.
-- A line begins as a suspicion, because the store may have changed between the two snapshots. Looked at again it goes
-- away, or it is confirmed; copied and equal it is repaired.
create table if not exists migration.difference (
    run          text        not null,
    entity       text        not null,
    target_key   bigint      not null,
    source_key   bigint,                        -- null: foreign
    kind         text        not null check (kind in ('lost', 'extra', 'stale', 'duplicated', 'held', 'foreign')),
    found_at     timestamptz not null default now(),
    confirmed_at timestamptz,
    copied_at    timestamptz,
    repaired_at  timestamptz,
    primary key (run, entity, target_key),
    check ((source_key is null) = (kind = 'foreign'))
);
create index if not exists difference_open on migration.difference (run, entity, source_key) where repaired_at is null;
