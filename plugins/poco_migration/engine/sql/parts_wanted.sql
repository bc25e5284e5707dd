-- Purpose: the planned parts inside a range that are to be copied whole again.
-- $1 entity, $2 lo, $3 hi (null is open)
select part_no, wanted
  from migration.part
 where entity = $1 and wanted > done
   and ($2::bigint is null or lo >= $2)
   and ($3::bigint is null or hi <= $3)
