-- Purpose: add the keys of one read of the slot to what is to be copied; each key once, with the most that happened to it.
-- $1 how many of the read transactions count, $2 the entities that have a plan (any other is copied whole later)
insert into migration.dirty (entity, source_key, family)
select entity, source_key, bool_or(family)
  from seen
 where txn < $1 and entity = any ($2)
 group by entity, source_key
 order by entity, source_key
