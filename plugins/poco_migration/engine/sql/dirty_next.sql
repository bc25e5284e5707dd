-- Purpose: the next keys of an entity that were dirty when this pass began, in ascending order, each once.
-- $1 entity, $2 the newest sequence number of this pass, $3 the last key that was taken (null: none), $4 how many
select distinct source_key
  from migration.dirty
 where entity = $1 and seq <= $2 and ($3::bigint is null or source_key > $3)
 order by source_key
 limit $4
