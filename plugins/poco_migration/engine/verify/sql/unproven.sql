-- Purpose: what is owed a comparison of an entity.
-- $1 entity
select seq, keys from migration.unproven where entity = $1 order by seq
