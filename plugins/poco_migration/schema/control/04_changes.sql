-- Purpose: what changed on the source and has not been copied since, and how far the source's log has been read.
-- Rerun:   safe.

-- One row per replication slot. The slot is only ever advanced to `captured`, after the keys of that far are committed.
create table if not exists migration.stream (
    slot        text        primary key,
    captured    pg_lsn      not null,           -- everything up to here is in migration.dirty, or has been copied
    lost        text,                           -- why keys may be missing; cleared by a comparison of all rows
    renewed_at  timestamptz,                    -- when a slot that was lost was made anew
    ended_at    timestamptz,                    -- dropped on purpose: there is nothing to follow any more
    created_at  timestamptz not null default now(),
    captured_at timestamptz not null default now()
);
-- Which server the log is read from: its system identifier and timeline. A standby in its place may lack what was read.
alter table migration.stream add column if not exists server text;
-- When poco_follow was last at work: the switch asks, because it is what opens the store when a switch dies.
alter table migration.stream add column if not exists followed_at timestamptz;

-- Keys that changed. Rows are only ever added, and deleted by seq: the same key may have become dirty again meanwhile.
create table if not exists migration.dirty (
    seq        bigint      generated always as identity,
    entity     text        not null,
    source_key bigint      not null,
    family     boolean     not null,            -- it came, went or changed in what its children depend on
    since      timestamptz not null default now(),
    primary key (entity, source_key, seq)       -- one index for both questions: following writes and deletes it a lot
);
-- Which row is the oldest, without reading all. It only grows at its end, which is the cheapest place of an index.
create index if not exists dirty_oldest on migration.dirty (seq);

-- Rows that are gone on the source and wait on the target until their children have gone.
create table if not exists migration.leaving (
    entity     text   not null,
    source_key bigint not null,
    primary key (entity, source_key)
);

-- A part is to be copied whole again (its table was truncated) while wanted is above done.
alter table migration.part add column if not exists wanted integer not null default 0;
alter table migration.part add column if not exists done   integer not null default 0;

-- Until a part has been copied, the keys that change in it wait: its first copy takes them along.
alter table migration.part add column if not exists copied_at timestamptz;

-- Which parts are not as the plan wants them, without reading a plan of thousands of parts.
create index if not exists part_open on migration.part (entity) where copied_at is null or wanted > done;

-- What is followed: planned, and in some region POCO's still. A copy of anything else would come too early or too late.
-- The entities are found by jumps through the index: a plan has thousands of parts, and this is asked in every pass.
create or replace view migration.followed as
with recursive planned as (
    (select entity from migration.part order by entity limit 1)
     union all
    select (select p.entity from migration.part p where p.entity > planned.entity order by p.entity limit 1)
      from planned
     where planned.entity is not null
)
select p.entity
  from planned p
 where p.entity is not null
   and exists (select from migration.scope s
                where s.decision = 'move'
                  and not exists (select from migration.system_of_record o
                                   where (o.entity, o.region) = (p.entity, s.region) and o.owner <> 'POCO'));
