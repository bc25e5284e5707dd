-- Purpose: the way back from mi.com: was it rehearsed, which keys come back, which cannot. Keys and counts only.
-- Rerun:   safe; on an installation from before the way back, the owner learns its third value.

-- returning: neither side writes, what changed at mi.com is on its way back to POCO.
do $$
begin
    if not exists (select from pg_constraint
                    where conrelid = 'migration.system_of_record'::regclass and contype = 'c' and pg_get_constraintdef(oid) like '%returning%') then
        alter table migration.system_of_record drop constraint if exists system_of_record_owner_check;
        alter table migration.system_of_record add constraint system_of_record_owner_check check (owner in ('POCO', 'returning', 'Xiaomi'));
    end if;
end
$$;

-- Every row that changed at mi.com since the switch, as the return has found it; the list by which it goes on after a crash.
create table if not exists migration.return_key (
    run        text   not null,                 -- of the return, whichever run ends it
    entity     text   not null,
    target_key bigint not null,                 -- as it was when it was found
    source_key bigint not null,                 -- what it is at POCO, or is to become there
    region     text   not null,
    kind       text   not null check (kind in ('changed', 'deleted', 'created')),
    state      text   not null default 'found' check (state in ('found', 'back', 'listed')),
    primary key (run, entity, target_key)
);

-- What could not be brought back: POCO's row is as it was at the switch, or not there; somebody decides.
create table if not exists migration.not_returned (
    entity      text        not null,
    target_key  bigint      not null,
    source_key  bigint,                         -- null: POCO never had it
    region      text        not null,
    kind        text        not null check (kind in ('changed', 'deleted', 'created')),
    reason      text        not null,
    next_action text        not null,
    detail      text        not null default '',   -- a column or constraint name, never a value
    run         text        not null,
    owner       text,
    first_seen  timestamptz not null default now(),
    last_seen   timestamptz not null default now(),
    resolved_at timestamptz,                    -- from here on a repair may make mi.com's row equal to POCO's
    primary key (entity, target_key)
);
create index if not exists not_returned_open on migration.not_returned (entity, source_key) where resolved_at is null;

-- What a return has brought, counted at its end: changed = back + listed.
create table if not exists migration.returned (
    run         text        not null,
    entity      text        not null,
    region      text        not null,
    kind        text        not null check (kind in ('changed', 'deleted', 'created')),
    found       bigint      not null,
    back        bigint      not null,
    listed      bigint      not null,
    unexplained bigint      not null,           -- keys that still differ and are on no list
    measured_at timestamptz not null default now(),
    primary key (run, entity, region, kind)
);

-- A rehearsal of the way back: rows of mi.com taken through the inverse, written at POCO, read again, rolled back.
create table if not exists migration.rollback_rehearsal (
    run    text        not null,
    entity text        not null,
    region text        not null,
    keys   bigint      not null,
    equal  bigint      not null check (equal <= keys),
    at     timestamptz not null default clock_timestamp(),
    primary key (run, entity, region)
);
