-- Purpose: the working tables of one copy, gone at its end. The engine adds the table staging (the extract's columns),
--          and the views accepted (staged rows that nothing refuses), gone (keys on the target that the source has no
--          more) and known (keys of the part that quarantine or left_out hold).

-- What the planner needs to know of these is the number of rows and roughly what the joined columns hold: a tenth of the
-- usual sample tells that, in a seventh of the time.
set local default_statistics_target = 10;

create temp table asked (           -- the keys of a copy of single keys
    source_key bigint not null
) on commit drop;

create temp table refused (
    source_key bigint primary key,
    region     text   not null,
    reason     text   not null,
    detail     text   not null default ''
) on commit drop;

create temp table changed (         -- what was dirty of this part when its lock was held: done with this copy
    seq        bigint  not null,
    source_key bigint  not null,
    family     boolean not null
) on commit drop;

create temp table kids (            -- rows that hang on a changed one, and must be looked at again
    entity     text   not null,
    source_key bigint not null
) on commit drop;

create temp table staying (         -- gone on the source, but other rows on the target still hang on it
    source_key bigint primary key
) on commit drop;

create temp table keeping (         -- gone on the source, and mi.com keeps it: something of its own hangs on it
    source_key bigint not null,
    detail     text   not null
) on commit drop;

create temp table reason (
    name        text primary key,
    outcome     text not null,
    next_action text not null
) on commit drop;
