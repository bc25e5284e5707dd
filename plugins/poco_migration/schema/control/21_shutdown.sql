-- Purpose: why the shutdown was allowed, what it left of the store, and what the daily look after it finds. Counts and keys only.
-- Rerun:   safe.

-- The steps of the shutdown stand where those of the switch do.
alter table migration.switch_step add column if not exists stage text not null default 'cutover';

-- Who sees to the quarantined rows of a reason (entities/owners.toml); a row's own owner comes before it.
create table if not exists migration.reason_owner (
    reason text primary key,
    owner  text not null check (owner <> '')
);

-- What must be so before the shutdown. lacking: what is not so, empty when it is met.
create table if not exists migration.shutdown_condition (
    run         text        not null,
    name        text        not null,
    demanded    text        not null,
    lacking     text        not null,
    next_action text        not null,
    measured_at timestamptz not null default now(),
    primary key (run, name)
);

-- A look at a closed table of POCO's: how many rows, and a sum over each row's key and the transaction that wrote it. Two
-- looks with the same mark have nothing written between them that is still there, and nothing deleted.
create table if not exists migration.quiet (
    look      bigint      not null,
    entity    text        not null,
    region    text        not null,
    rows      bigint      not null,
    mark      numeric     not null,
    looked_at timestamptz not null,             -- on the migration's calendar, which a rehearsal moves
    run       text        not null,
    primary key (look, entity, region)
);

-- How the closed store looks from outside (schema/source/14_witness.sql).
create table if not exists migration.remains (
    run         text        not null,
    what        text        not null,
    region      text        not null,
    number      bigint      not null,
    measured_at timestamptz not null default now(),
    primary key (run, what, region)
);

-- What the daily look has tried, and what was wrong with it; empty when it works.
create table if not exists migration.aftercheck (
    run         text        not null,
    name        text        not null,
    subject     text        not null,
    problem     text        not null,
    next_action text        not null,
    checked_at  timestamptz not null default now(),
    primary key (run, name, subject)
);

grant select on migration.reason_owner, migration.shutdown_condition, migration.quiet, migration.remains, migration.aftercheck to mi_auditor;
