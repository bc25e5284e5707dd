-- Purpose: parts of which a range was copied that does not cover them (the plan was cut anew since): they are to be compared
--          again, as if they had been copied whole.
-- $1 entity, $2 lo, $3 hi (null is open)
update migration.part
   set copied_at = now()
 where entity = $1 and copied_at is not null
   and ($3::bigint is null or lo is null or lo < $3) and ($2::bigint is null or hi is null or hi > $2)
   and not (($2::bigint is null or lo >= $2) and ($3::bigint is null or hi <= $3))
