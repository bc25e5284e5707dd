-- Purpose: the keys of an entity that are owed a comparison, each once, ascending. Sorted by the server, on its disk where they are many.
-- $1 entity
select distinct k from migration.unproven u cross join lateral unnest(u.keys) k where u.entity = $1 order by k
