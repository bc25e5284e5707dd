-- Purpose: what the switch needs to be short, and to be done once: which rows are not proven yet, whose turn it is, and
--          how long each of its steps took.
-- Rerun:   safe.

-- Keys that were copied one by one, and have not been compared since. One line per copy, in its transaction.
create table if not exists migration.unproven (
    seq    bigint   generated always as identity primary key,
    entity text     not null,
    keys   bigint[] not null
);
create index if not exists unproven_entity on migration.unproven (entity, seq);
-- By which transaction. What was owed before this column was there counts as owed by the transaction that added it.
alter table migration.unproven add column if not exists copied_by xid8 not null default pg_current_xact_id();

-- What a run's comparison of an entity sees at the least: the transactions that had committed when it began.
create table if not exists migration.comparison (
    run      text        not null,
    entity   text        not null,
    snapshot pg_snapshot not null,
    began_at timestamptz not null default clock_timestamp(),
    primary key (run, entity)
);

-- Which attempt may hand over. Whoever opens the store again takes the next number, so a worker that was taken for dead
-- and comes back cannot hand over a store that sells again.
create table if not exists migration.attempt (
    only_one boolean primary key default true check (only_one),
    number   bigint  not null
);
insert into migration.attempt (number) values (0) on conflict do nothing;

-- What each step of a switch did, for the certificate and for the forecast of the next one.
create table if not exists migration.switch_step (
    step_id  bigint           generated always as identity primary key,
    run      text             not null,
    attempt  bigint           not null,
    step     text             not null,
    regions  text[]           not null,
    keys     bigint           not null default 0,   -- looked at in it
    began_at timestamptz      not null default clock_timestamp(),
    seconds  double precision                       -- null: under way, or cut short
);
create index if not exists switch_step_run on migration.switch_step (run, step_id);

-- With the owner in a key, a change of ownership waits for whoever holds it still (mi_platform/schema/03_guard.sql).
create unique index if not exists system_of_record_owner on migration.system_of_record (entity, region, owner);

-- What POCO's list of currencies was like when the comparison of an entity began. It is neither fenced nor followed.
create table if not exists migration.reference (
    entity    text        primary key,
    mark      text        not null,
    marked_at timestamptz not null default clock_timestamp()
);
