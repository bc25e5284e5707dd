-- Purpose: since when nothing was written to a closed table, as the looks at it show: the first of those in a row that end
--          with the newest and have all the same mark.
-- $1 entities, $2 regions: one line for each pair; since is null where nobody has looked
select e.entity, r.region, min(q.looked_at) as since, max(q.looked_at) as looked_at
  from unnest($1::text[]) e (entity)
 cross join unnest($2::text[]) r (region)
  left join lateral (select n.mark from migration.quiet n
                      where n.entity = e.entity and n.region = r.region order by n.look desc limit 1) n on true
  left join migration.quiet q
         on q.entity = e.entity and q.region = r.region
        and q.look > coalesce((select max(o.look) from migration.quiet o
                                where o.entity = e.entity and o.region = r.region and o.mark <> n.mark), 0)
 group by e.entity, r.region
 order by e.entity, r.region
