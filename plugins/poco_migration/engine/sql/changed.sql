-- Purpose: what is dirty of a part, by sequence number. Read with the part's lock held and before the source's snapshot.
-- Rule:    keys are looked up one by one in the index; comparing each dirty row with 20,000 keys took minutes a batch.
-- $1 entity, $2 lo, $3 hi (null is open), $4 keys (null for a range)
insert into changed (seq, source_key, family)
select d.seq, d.source_key, d.family
  from migration.dirty d
 where $4::bigint[] is null and d.entity = $1
   and ($2::bigint is null or d.source_key >= $2) and ($3::bigint is null or d.source_key < $3)
 union all
select d.seq, d.source_key, d.family
  from unnest($4::bigint[]) k
  join migration.dirty d on d.entity = $1 and d.source_key = k
