-- Purpose: a slot that was lost is made good: this run has compared every part of what is followed since it was made anew.
--          What is withdrawn from the publication is closed for good and was brought up to date before: nothing of it can be missing.
-- $1 slot, $2 run, $3 entities that are withdrawn
update migration.stream s
   set lost = null
 where s.slot = $1 and s.lost is not null
   and not exists (select from migration.part p join migration.followed f on f.entity = p.entity
                    where p.entity <> all ($3::text[])
                      and not exists (select from migration.difference_part d
                                       where d.run = $2 and (d.entity, d.part_no) = (p.entity, p.part_no)
                                         and (d.lo, d.hi) is not distinct from (p.lo, p.hi)
                                         and d.finished_at - d.seconds * interval '1 second' > s.renewed_at))
