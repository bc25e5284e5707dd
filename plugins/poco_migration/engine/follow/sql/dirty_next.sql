-- Purpose: the next keys of an entity that were dirty when this pass began, in ascending order, each once; not those of a
--          part that has never been copied: its first copy takes them along.
-- Cost:    a key looks itself up among the ranges that were never copied; it is not compared with every part.
-- $1 entity, $2 the newest sequence number of this pass, $3 the last key that was taken (null: none), $4 how many
with waiting as materialized (
    select range_agg(int8range(lo, hi)) as ranges from migration.part where entity = $1 and copied_at is null
)
select distinct d.source_key
  from migration.dirty d
 where d.entity = $1 and d.seq <= $2 and ($3::bigint is null or d.source_key > $3)
   and (d.source_key <@ (select ranges from waiting)) is not true
 order by d.source_key
 limit $4
