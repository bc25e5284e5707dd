-- Purpose: the next objects of a part that are not copied yet, or could not be.
-- $1 lo, $2 hi, $3 the last number that was taken, $4 how many
select object_no, source_object, target_object, expected_bytes, expected_sha256
  from migration.object
 where named and sha256 is null and object_no >= $1 and object_no < $2 and object_no > $3
 order by object_no
 limit $4
