-- Purpose: the parts that a run has compared are proven as of when it began to; called when nothing of it is open.
-- $1 run
update migration.part p
   set proven_at = greatest(p.proven_at, d.finished_at - d.seconds * interval '1 second')
  from migration.difference_part d
 where d.run = $1 and (d.entity, d.part_no) = (p.entity, p.part_no) and (d.lo, d.hi) is not distinct from (p.lo, p.hi)
