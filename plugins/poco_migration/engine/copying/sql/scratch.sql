-- Purpose: the working tables of a session's copies: made once, and empty again at every commit. Made and dropped for each
--          copy they were hundreds of rows of mi.com's catalog, written and deleted, and news to each of its sessions.
--          The engine adds, for each entity, the table staging (the extract's columns), and the views accepted (staged rows
--          that nothing refuses) and gone (keys on the target that the source has no more); see workbench.py.
-- Needs:   of a copy of single keys, that asked has them; of a range, that the settings migration.lo and .hi hold its ends.

-- What the planner needs to know of these is the number of rows and roughly what the joined columns hold: a tenth of the
-- usual sample tells that, in a seventh of the time.
set local default_statistics_target = 10;

create temp table if not exists asked (           -- the keys of a copy of single keys
    source_key bigint not null
) on commit delete rows;

create temp table if not exists refused (
    source_key bigint primary key,
    region     text   not null,
    reason     text   not null,
    detail     text   not null default ''
) on commit delete rows;

create temp table if not exists changed (         -- what was dirty of this part when its lock was held: done with this copy
    seq        bigint  not null,
    source_key bigint  not null,
    family     boolean not null
) on commit delete rows;

create temp table if not exists kids (            -- rows that hang on a changed one, and must be looked at again
    entity     text   not null,
    source_key bigint not null
) on commit delete rows;

create temp table if not exists staying (         -- gone on the source, but other rows on the target still hang on it
    source_key bigint primary key
) on commit delete rows;

create temp table if not exists keeping (         -- gone on the source, and mi.com keeps it: something of its own hangs on it
    source_key bigint not null,
    detail     text   not null
) on commit delete rows;

create temp table if not exists reason (
    name        text primary key,
    outcome     text not null,
    next_action text not null
) on commit delete rows;

create temp table if not exists workbench (       -- what has been made in this session, and a hash of what it was made from
    name      text primary key,
    made_from text not null
)
