-- Purpose: the planned parts that single keys lie in, in the order in which they are locked.
-- Cost:    each key looks its part up in the sorted list of the parts' first keys; it is not compared with every part.
-- Needs:   the parts of an entity leave no key out, so a part ends where the next one begins.
-- $1 entity, $2 keys
with planned as materialized (
    select array_agg(lo order by lo) filter (where lo is not null) as starts,
           array_agg(part_no order by lo nulls first) as numbers,
           bool_or(lo is null)::int as open_below
      from migration.part
     where entity = $1
)
select distinct (select numbers from planned)[greatest(1, (select open_below from planned)
                                                          + width_bucket(k, (select starts from planned)))] as part_no
  from unnest($2::bigint[]) k
 where (select numbers from planned) is not null
 order by 1
