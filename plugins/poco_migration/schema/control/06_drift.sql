-- Purpose: the shape of every table that copies read or write, as it was when the prepare stage last accepted it.
-- Holds:   names, types and hashes of definitions. Never a row.
-- Rerun:   safe.

create table if not exists migration.shape (
    side        text        not null check (side in ('source', 'target')),
    table_name  text        not null,           -- with its schema; views of the export schema too
    fingerprint text        not null,           -- of the description, in the order of the columns
    description jsonb       not null,           -- item (a column, a constraint ...): [what it is, hash of its definition]
    entities    text[]      not null,           -- whose copies read or write it
    pinned_at   timestamptz not null default now(),
    primary key (side, table_name)
);
