-- Purpose: the next keys of a run that are not equal, as far as is known; ascending.
-- $1 run, $2 entity, $3 the last key that was taken (null: none), $4 how many
select source_key
  from migration.difference
 where run = $1 and entity = $2 and repaired_at is null and source_key is not null and ($3::bigint is null or source_key > $3)
 order by source_key
 limit $4
