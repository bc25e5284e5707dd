-- Purpose: every photo and attachment that a migrated row names: where it is, what POCO has noted of it, what arrived at mi.com.
-- Holds:   names of objects, sizes, checksums. A bad object is in migration.quarantine as entity 'objects', by its number.
-- Rerun:   safe.

create table if not exists migration.object (
    object_no       bigint      generated always as identity primary key,
    target_object   text        not null unique,
    source_object   text        not null,
    region          text        not null,
    named           boolean     not null,       -- by a row at mi.com that came from POCO, when that was last looked at
    expected_bytes  bigint,                     -- as POCO has noted them at the upload; null where it has not
    expected_sha256 text,
    bytes           bigint,                     -- copied, and read back from mi.com's bucket
    sha256          text,
    etag            text,                       -- the store's own mark of what it held then: another one means that somebody has written
    copied_at       timestamptz,
    check ((sha256 is null) = (copied_at is null) and (sha256 is null) = (etag is null) and (sha256 is null) = (bytes is null))
);
create index if not exists object_open on migration.object (object_no) where named and sha256 is null;

-- The objects of each region. gone: only rows that are not at mi.com name them. unnamed: the row is there and does not name it
-- any more. extra: POCO's rows do not name it.
create table if not exists migration.object_recon (
    run           text   not null,
    region        text   not null,
    named_at_poco bigint not null,
    gone          bigint not null,
    unnamed       bigint not null,
    extra         bigint not null,
    named         bigint not null,
    copied        bigint not null,
    quarantined   bigint not null,
    missing       bigint not null,
    bytes         bigint not null,              -- of what was copied
    primary key (run, region),
    check (named_at_poco + extra = named + gone + unnamed),
    check (named = copied + quarantined + missing)
);

-- What mi.com has, of what it owns, of the rows that were handed over: less only where customers or the law took some away.
create table if not exists migration.presence (
    run         text   not null,
    entity      text   not null,
    region      text   not null,
    handed_over text   not null,                -- the run that handed them over; its certificate holds their equation
    was         bigint not null,
    present     bigint not null,
    primary key (run, entity, region)
);
-- Rows of people who were erased since: they are rightly not there.
alter table migration.presence add column if not exists erased bigint not null default 0;
