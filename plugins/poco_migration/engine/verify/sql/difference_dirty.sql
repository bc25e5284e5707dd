-- Purpose: which of these keys have changed on the source and have not been copied since, alone or with their whole part.
-- Cost:    a key looks itself up among the ranges that are wanted; it is not compared with every part.
-- $1 entity, $2 source keys, $3 only changes that concern the rows below
with wanted as materialized (
    select range_agg(int8range(lo, hi)) as ranges from migration.part where entity = $1 and wanted > done
)
select source_key
  from unnest($2::bigint[]) as k (source_key)
 where exists (select from migration.dirty d where d.entity = $1 and d.source_key = k.source_key and (d.family or not $3))
    or k.source_key <@ (select ranges from wanted)
