-- Purpose: how many rows of each entity a run has compared on each side, and how many it counted there, for its certificate.
-- $1 run
select entity, count(*) as parts, sum(rows_source)::bigint as compared_source, sum(set_aside)::bigint as set_aside,
       sum(counted_source)::bigint as counted_source, sum(rows_target)::bigint as compared_target,
       sum(counted_target)::bigint as counted_target,
       (select count(*) from migration.difference d where d.run = $1 and d.entity = p.entity) as keys_found,
       (select count(*) from migration.difference d where d.run = $1 and d.entity = p.entity and d.repaired_at is null) as keys_open
  from migration.difference_part p
 where run = $1
 group by entity
 order by entity
