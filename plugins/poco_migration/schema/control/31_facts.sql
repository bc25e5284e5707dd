-- Purpose: what is known of the facts themselves: whether they were measured to their end, and which of them a gate has judged; which
--          copies of a part a comparison has seen; what stays behind, and how much of it was to be expected.
-- Holds:   counts, sums and numbers. Never a row.
-- Rerun:   safe.

-- One line per measurement. Numbers are given when one begins, so that the order is known whatever the clocks say. Without an end it is
-- under way, or was cut short.
create table if not exists migration.measured (
    number   bigint      generated always as identity primary key,
    run      text        not null,
    what     text        not null,              -- settings.GATES names the kinds
    began_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz
);
create index if not exists measured_run on migration.measured (run, what, number desc);

-- How often a part was copied whole, counted by the copies themselves; and the count that a comparison saw in the very snapshot in which
-- it read the rows. Equal: no copy has committed since. Instants cannot tell that: a copy begins long before it commits.
alter table migration.part add column if not exists copies bigint not null default 0;
alter table migration.part add column if not exists proven_copies bigint;
alter table migration.difference_part add column if not exists copies bigint not null default -1;

-- Rows that a copy has taken away at mi.com because they are in quarantine now, and up to which receipt somebody was told.
alter table migration.receipt add column if not exists rows_left bigint not null default 0;
create index if not exists receipt_left on migration.receipt (receipt_id) where rows_left > 0;
create table if not exists migration.left_told (
    only_one   boolean primary key default true check (only_one),
    receipt_id bigint  not null
);
insert into migration.left_told (receipt_id) values (0) on conflict do nothing;

-- What the prepare stage foresaw: how many rows would not move by themselves, and of how many.
create table if not exists migration.foreseen (
    run      text        not null,
    entity   text        not null,
    region   text        not null,
    reason   text        not null,
    rows     bigint      not null,
    of_rows  bigint      not null,
    origin   text        not null,              -- the extracts on the source, or a rehearsal
    made_at  timestamptz not null default clock_timestamp(),
    primary key (run, entity, region, reason)
);

-- What does not move, as a run has measured it, beside what may stay behind.
create table if not exists migration.excused (
    run        text    not null,
    entity     text    not null,
    region     text    not null,
    outcome    text    not null,                -- quarantined, excluded, merged, or not returned
    reason     text    not null,
    rows       bigint  not null,
    of_rows    bigint  not null,                -- of the entity in the region, at POCO
    share      numeric not null,                -- per cent
    limit_rows bigint,                          -- null: a decision of migration.toml, or nobody foresaw how many
    limit_from text    not null,
    before     bigint,                          -- in the newest certificate that speaks of the entity; null: there is none
    primary key (run, entity, region, outcome, reason)
);

-- What hangs on the rows that stay behind: money, points and coupons, from POCO's original tables.
create table if not exists migration.behind (
    run    text    not null,
    region text    not null,
    what   text    not null,
    rows   bigint  not null,
    amount numeric not null,
    primary key (run, region, what)
);

-- What a recount after the switch could not count: customers may have changed it at mi.com meanwhile.
create table if not exists migration.uncounted (
    run    text not null,
    name   text not null,
    region text not null,
    said   text not null,
    primary key (run, name, region)
);

grant select on migration.measured, migration.foreseen, migration.excused, migration.behind, migration.uncounted, migration.left_told to mi_auditor;
