-- Purpose: does the plan of an entity fit its table no longer? A part has more than twice the rows that it should have (the last one
--          takes every new key), or there are many parts and most of them are less than half full. As the newest comparison of
--          each part has counted; a plan of which a part was never copied stays as it is.
-- $1 entity, $2 rows that a part should have, $3 how many parts are many
with counted as (
    select p.part_no, p.copied_at, d.rows
      from migration.part p
      left join lateral (select greatest(rows_source, counted_source) as rows from migration.difference_part d
                          where (d.entity, d.part_no) = (p.entity, p.part_no) and (d.lo, d.hi) is not distinct from (p.lo, p.hi)
                          order by d.finished_at desc limit 1) d on true
     where p.entity = $1
)
select count(*) as parts
  from counted
having bool_and(copied_at is not null) and (max(rows) > 2 * $2::bigint or count(*) > $3 and sum(rows) < count(*) * $2::bigint / 2)
