-- Purpose: the planned parts inside a range, each with how often it was wanted.
-- $1 entity, $2 lo, $3 hi (null is open)
select part_no, wanted
  from migration.part
 where entity = $1
   and ($2::bigint is null or lo >= $2)
   and ($3::bigint is null or hi <= $3)
