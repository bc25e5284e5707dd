-- Purpose: the working tables of one copy, gone at its end. The engine adds the table staging (the extract's columns),
--          and the views accepted (staged rows that nothing refuses), gone (keys on the target that the source has no
--          more) and known (keys of the part that quarantine or left_out hold).

create temp table refused (
    source_key bigint primary key,
    region     text   not null,
    reason     text   not null,
    detail     text   not null default ''
) on commit drop;

create temp table reason (
    name        text primary key,
    outcome     text not null,
    next_action text not null
) on commit drop;
