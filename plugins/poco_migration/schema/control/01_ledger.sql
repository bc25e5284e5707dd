-- Purpose: the migration's own memory, on the target, so that ledger and data commit together.
-- Holds:   keys, counts, positions, verdicts. Never a customer's name, address, code or token.
-- Rerun:   safe.

create schema if not exists migration;

-- The decisions of migration.toml as the last prepare stage read them; gates and views join them.
create table if not exists migration.scope (
    region      text    primary key,
    decision    text    not null check (decision in ('move', 'stay', 'hold')),
    market      text    unique,
    loyalty     boolean not null,
    minimum_age integer not null
);
-- How many points of mi.com how many of POCO's become.
alter table migration.scope add column if not exists points_new bigint not null default 1 check (points_new > 0);
alter table migration.scope add column if not exists points_old bigint not null default 1 check (points_old > 0);

-- The plan of a backfill: half-open key ranges that cover everything; null is open.
create table if not exists migration.part (
    entity  text    not null,
    part_no integer not null,
    lo      bigint,
    hi      bigint,
    primary key (entity, part_no)
);

-- Proof of one copied part. A rerun adds a receipt; the newest of a part counts.
create table if not exists migration.receipt (
    receipt_id  bigint      generated always as identity primary key,
    entity      text        not null,
    kind        text        not null check (kind in ('range', 'keys')),
    lo          bigint,
    hi          bigint,
    keys        integer,
    rows_read   bigint      not null,   -- rows the source sent
    rows_kept   bigint      not null,   -- rows that are on the target after it
    rows_changed bigint     not null,   -- of these, inserted or changed by it
    rows_gone   bigint      not null,   -- deleted, because the source has them no more
    rows_parked bigint      not null,   -- put in quarantine or left out, with their reason
    bytes       bigint      not null,   -- through the pipe
    snapshot    text        not null,   -- pg_current_snapshot() of the source
    run         text        not null,   -- who did it: dag, run, task, map index, try
    started_at  timestamptz not null,
    finished_at timestamptz not null
);
create index if not exists receipt_entity on migration.receipt (entity, receipt_id);

-- Rows that did not move although they should: one line each, with the reason and what to do.
create table if not exists migration.quarantine (
    entity      text        not null,
    source_key  bigint      not null,
    region      text        not null,
    reason      text        not null,
    next_action text        not null,
    detail      text        not null default '',   -- a column or constraint name, never a value
    owner       text,
    first_seen  timestamptz not null default now(),
    last_seen   timestamptz not null default now(),
    resolved_at timestamptz,
    primary key (entity, source_key)
);
create index if not exists quarantine_open on migration.quarantine (entity, region, reason) where resolved_at is null;

-- Rows that rightly do not move by themselves: merged into another or excluded by a rule.
create table if not exists migration.left_out (
    entity     text        not null,
    source_key bigint      not null,
    region     text        not null,
    outcome    text        not null check (outcome in ('merged', 'excluded')),
    reason     text        not null,
    since      timestamptz not null default now(),
    primary key (entity, source_key)
);
