-- Purpose: the planned parts that single keys lie in, in the order in which they are locked.
-- $1 entity, $2 keys
select part_no
  from migration.part
 where entity = $1
   and exists (select from unnest($2::bigint[]) k where (lo is null or k >= lo) and (hi is null or k < hi))
 order by part_no
