-- Purpose: add the keys of one read of the slot to what is to be copied; each key once, with the most that happened to it.
-- Rule:    what has no plan yet is copied whole later, and what belongs to mi.com is not copied any more.
-- $1 how many of the read transactions count, $2 the numbers of those among them that do not
insert into migration.dirty (entity, source_key, family)
select entity, source_key, bool_or(family)
  from seen
 where txn < $1 and txn <> all ($2::int[]) and entity in (select entity from migration.followed)
 group by entity, source_key
 order by entity, source_key
