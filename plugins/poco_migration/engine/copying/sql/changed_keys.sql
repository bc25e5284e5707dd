-- Purpose: what is dirty of a set of keys, by sequence number. Read with the part's lock held and before the source's snapshot.
-- $1 entity, $2 keys
insert into changed (seq, source_key, family)
select d.seq, d.source_key, d.family
  from unnest($2::bigint[]) k
  join migration.dirty d on d.entity = $1 and d.source_key = k
