-- Purpose: entities with parts that were never compared row by row, or were copied whole after that; and how many parts.
--          An entity without a plan was never copied.
-- $1 entities
select e.entity, count(*) as parts
  from unnest($1::text[]) e (entity)
  left join migration.part p on p.entity = e.entity
 where p.entity is null or p.proven_at is null or p.copied_at > p.proven_at or p.wanted > p.done
 group by e.entity
 order by e.entity
