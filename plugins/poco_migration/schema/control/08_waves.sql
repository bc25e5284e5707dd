-- Purpose: which rows were handed over to mi.com, by key, so that nobody has to ask the rows themselves: mi.com's program
--          may change their market, their mark and what they hang on, and it cannot write here. Keys only.
-- Rerun:   safe.

-- Filled from POCO's closed tables right after a handover (engine: remember), so the window does not know of it.
create table if not exists migration.handed_over (
    entity     text   not null,
    source_key bigint not null,
    region     text   not null,
    primary key (entity, source_key)
);

-- When the keys of an entity and region were written down; null: not yet, or handed over anew since.
alter table migration.system_of_record add column if not exists keys_noted_at timestamptz;

-- Rows that POCO has deleted, or does not hand out any more, and that stay at mi.com because something of mi.com's hangs on
-- them: mi.com's own from then on. The quarantine tells a person of them (reason kept_at_mi).
create table if not exists migration.kept (
    entity     text        not null,
    source_key bigint      not null,
    region     text        not null,
    detail     text        not null,            -- the table that refers to it, or the constraint that refuses
    since      timestamptz not null default now(),
    primary key (entity, source_key)
);

-- Rows under POCO's keys that are mi.com's: handed over and not returned, or kept. Whoever copies, compares, counts or
-- deletes leaves these alone; but for a return (migration.everywhere), which looks for what has changed in just these.
create or replace view migration.theirs as
select h.entity, h.source_key
  from migration.handed_over h
 where exists (select from migration.system_of_record o where (o.entity, o.region) = (h.entity, h.region) and o.owner <> 'POCO')
   and coalesce(current_setting('migration.everywhere', true), '') <> 'on'
 union all
select k.entity, k.source_key
  from migration.kept k;
