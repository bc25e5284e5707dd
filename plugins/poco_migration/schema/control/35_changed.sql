-- Purpose: what has changed at mi.com since the handover, by key, and whether that list can be believed. Keys only.
-- Rerun:   safe.

-- Written by mi.com's triggers (its own mi_platform/schema/04_changed.sql), which can add a line and take none away.
create table if not exists migration.changed_at_mi (
    seq        bigint generated always as identity primary key,
    table_name text   not null,                     -- without its schema
    key        bigint                               -- null: all of the table may have changed (it was emptied, or everything hangs on it)
);
create index if not exists changed_at_mi_key on migration.changed_at_mi (table_name, key);

-- What the catalog of mi.com said of each table when the list began: is it the same table, in the same file, under the same triggers.
create table if not exists migration.watched (
    table_name text        primary key,             -- with its schema
    facts      text[]      not null,
    whole      boolean     not null,                -- false while the rows from before are still being compared
    since      timestamptz not null default clock_timestamp()
);

grant select on migration.changed_at_mi, migration.watched to mi_auditor;
grant select, insert on migration.changed_at_mi to mi_owner;
