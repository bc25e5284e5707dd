-- Purpose: what is to be copied now of each entity that is followed: how many dirty keys and parts that are wanted again,
--          up to which sequence number, and whether any of it can concern rows that hang on it.
-- One row per entity with something to do. Order: none.
select entity, sum(keys)::bigint as keys, bool_or(family) as family, max(newest) as newest
  from (select d.entity, count(*) as keys, bool_or(d.family) as family, max(d.seq) as newest from migration.dirty d group by d.entity
         union all
        select p.entity, count(*), true, 0 from migration.part p where p.wanted > p.done and p.copied_at is not null group by p.entity) w
 where entity in (select entity from migration.followed)
 group by entity
