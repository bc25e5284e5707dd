-- Purpose: the planned parts that a key range touches, in the order in which they are locked.
-- $1 entity, $2 lo, $3 hi (null is open)
select part_no
  from migration.part
 where entity = $1
   and (lo is null or $3::bigint is null or lo < $3)
   and (hi is null or $2::bigint is null or hi > $2)
 order by part_no
