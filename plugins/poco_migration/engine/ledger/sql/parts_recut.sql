-- Purpose: what a plan that is cut anew says of its parts: each takes over what held for all the parts that it lies in.
-- Rule:    copied when all of them were, since the newest; proven when all of them were; wanted when one was.
-- $1 entity, $2 where the parts start, but the first
with cut as (
    select row_number() over (order by lo nulls first) - 1 as part_no, lo, lead(lo) over (order by lo nulls first) as hi
      from (select null::bigint as lo union all select unnest($2::bigint[])) s
)
select c.part_no, c.lo, c.hi, bool_or(o.wanted > o.done)::int as wanted,
       case when bool_and(o.copied_at is not null) then max(o.copied_at) end as copied_at,
       max(o.copies) as copies,
       case when bool_and(coalesce(o.proven_copies = o.copies, false)) then max(o.copies) end as proven_copies
  from cut c
  join migration.part o on o.entity = $1 and (c.lo is null or o.hi is null or c.lo < o.hi) and (o.lo is null or c.hi is null or o.lo < c.hi)
 group by c.part_no, c.lo, c.hi
 order by c.part_no
