-- Purpose: the regions of an entity that POCO does not own, and how many of those that move it still does.
-- $1 entity
select coalesce(array_agg(o.region order by o.region) filter (where o.region is not null), '{}') as owned,
       count(*) filter (where o.region is null and s.decision = 'move') as left_over
  from migration.scope s
  left join migration.system_of_record o on o.entity = $1 and o.region = s.region and o.owner <> 'POCO'
