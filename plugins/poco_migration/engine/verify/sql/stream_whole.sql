-- Purpose: a slot that was lost is made good: this run has compared every part of what is followed since it was made anew.
-- $1 slot, $2 run
update migration.stream s
   set lost = null
 where s.slot = $1 and s.lost is not null
   and not exists (select from migration.part p join migration.followed f on f.entity = p.entity
                    where not exists (select from migration.difference_part d
                                       where d.run = $2 and (d.entity, d.part_no) = (p.entity, p.part_no)
                                         and (d.lo, d.hi) is not distinct from (p.lo, p.hi)
                                         and d.finished_at - d.seconds * interval '1 second' > s.renewed_at))
