-- Purpose: the next rows of a return that are neither back nor listed; ascending.
-- $1 run, $2 entity, $3 kind, $4 the last target key that was taken (null: none), $5 how many
select target_key, source_key, region
  from migration.return_key
 where run = $1 and entity = $2 and kind = $3 and state = 'found' and ($4::bigint is null or target_key > $4)
 order by target_key
 limit $5
