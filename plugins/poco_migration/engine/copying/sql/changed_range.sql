-- Purpose: what is dirty of a key range, by sequence number. Read with the part's lock held and before the source's snapshot.
-- $1 entity, $2 lo, $3 hi (null is open)
insert into changed (seq, source_key, family)
select seq, source_key, family
  from migration.dirty
 where entity = $1 and ($2::bigint is null or source_key >= $2) and ($3::bigint is null or source_key < $3)
