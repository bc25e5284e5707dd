-- Purpose: what is to be copied now of each entity that is followed: about how many keys and parts that are wanted again,
--          up to which sequence number, and whether any of it can concern rows that hang on it.
-- Cost:    of each entity no more than $1 dirty rows are looked at, however many wait. Behind them the two answers only say
--          which order is quicker; both orders are right.
-- $1 rows to look at
-- One row per entity with something to do. Order: none.
with number as materialized (
    select coalesce(pg_sequence_last_value(pg_get_serial_sequence('migration.dirty', 'seq')::regclass), 0) as newest
)
select f.entity, coalesce(d.keys, 0) + coalesce(p.parts, 0) as keys, coalesce(d.family, false) or p.parts > 0 as family, number.newest
  from migration.followed f
 cross join number
 cross join lateral (select count(*) as keys, bool_or(family) as family
                       from (select family from migration.dirty where entity = f.entity limit $1) looked) d
 cross join lateral (select count(*) as parts from migration.part
                      where entity = f.entity and wanted > done and copied_at is not null) p
 where d.keys > 0 or p.parts > 0
