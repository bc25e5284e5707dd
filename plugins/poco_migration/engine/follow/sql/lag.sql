-- Purpose: how far the log has been read, and what of it has not been copied.
-- $1 slot
select s.captured::text as captured, d.keys, d.seconds
  from migration.stream s
 cross join (select count(distinct (entity, source_key)) as keys,
                    coalesce(extract(epoch from clock_timestamp() - min(since)), 0) as seconds
               from migration.dirty
              where entity in (select entity from migration.followed)) d
 where s.slot = $1
