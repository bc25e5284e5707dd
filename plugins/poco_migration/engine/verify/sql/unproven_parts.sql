-- Purpose: entities with parts that were never compared row by row, or were copied whole after that; and how many parts.
--          An entity without a plan was never copied. Copies are counted, because an instant says when one began and not when it committed.
-- $1 entities
select e.entity, count(*) as parts
  from unnest($1::text[]) e (entity)
  left join migration.part p on p.entity = e.entity
 where p.entity is null or p.proven_copies is distinct from p.copies or p.wanted > p.done
 group by e.entity
 order by e.entity
