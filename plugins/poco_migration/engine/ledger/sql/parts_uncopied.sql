-- Purpose: entities that were never planned, or of which a part was never copied.
-- $1 entities
select e.entity
  from unnest($1::text[]) e (entity)
 where not exists (select from migration.part p where p.entity = e.entity)
    or exists (select from migration.part p where p.entity = e.entity and p.copied_at is null)
