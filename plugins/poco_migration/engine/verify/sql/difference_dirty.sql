-- Purpose: which of these keys have changed on the source and have not been copied since, alone or with their whole part.
-- $1 entity, $2 source keys, $3 only changes that concern the rows below
select source_key
  from unnest($2::bigint[]) as k (source_key)
 where exists (select from migration.dirty d where d.entity = $1 and d.source_key = k.source_key and (d.family or not $3))
    or exists (select from migration.part p
                where p.entity = $1 and p.wanted > p.done
                  and (p.lo is null or k.source_key >= p.lo) and (p.hi is null or k.source_key < p.hi))
