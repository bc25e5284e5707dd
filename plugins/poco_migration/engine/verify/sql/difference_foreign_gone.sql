-- Purpose: foreign rows that are there no more.
-- $1 run, $2 entity, $3 the target keys of those that are there
update migration.difference
   set repaired_at = clock_timestamp()
 where run = $1 and entity = $2 and kind = 'foreign' and repaired_at is null and target_key <> all ($3)
