-- Purpose: the parts that a run has compared are proven as they were after the copy whose number the comparison saw; called when
--          nothing of it is open. A comparison that ends late takes nothing back from a newer one.
-- $1 run
update migration.part p
   set proven_copies = greatest(p.proven_copies, d.copies)
  from migration.difference_part d
 where d.run = $1 and (d.entity, d.part_no) = (p.entity, p.part_no) and (d.lo, d.hi) is not distinct from (p.lo, p.hi)
