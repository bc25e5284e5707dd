-- Purpose: a run has compared every part of an entity, and nothing of it is open: what copies owed that had committed before it
--          began is settled. By the copy's transaction and not by its number: a lower number can commit later.
-- $1 run
delete from migration.unproven u
 using migration.comparison c
 where c.run = $1 and c.entity = u.entity and pg_visible_in_snapshot(u.copied_by, c.snapshot)
   and exists (select from migration.part p where p.entity = u.entity)
   and not exists (select from migration.part p
                    where p.entity = u.entity
                      and not exists (select from migration.difference_part d
                                       where d.run = $1 and (d.entity, d.part_no) = (p.entity, p.part_no)
                                         and (d.lo, d.hi) is not distinct from (p.lo, p.hi)))
