-- Purpose: whom the views hide, because they were erased; and what an erasure does to which column of POCO's tables.
-- Shape:   tombstones is a copy of mi.com's list, by POCO's key: it is brought along before every copy, so a store that was
--          restored from a backup cannot bring anybody back. holding is entities/personal.toml, written by the prepare stage.
-- Rerun:   safe; a tombstone is never taken away.

create table if not exists poco_export.tombstones (
    customer_id bigint      primary key,
    since       timestamptz not null default now()
);

create table if not exists poco_export.holding (
    entity    text    primary key,
    depth     integer not null,
    hangs_on  text,                              -- the entity that by_column names; null: the persons themselves
    by_column text    not null,
    shown     text[]  not null,                  -- what a person is handed: no secret
    kept      text[]  not null,                  -- personal and secret columns that stay, with a reason
    telling   text[]  not null,                  -- personal columns that do not
    erases    jsonb   not null                   -- {column: what it becomes, or null}; "now" stands for: unless there is one
);
