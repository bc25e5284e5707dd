-- Purpose: the newest rehearsal of the way back, and what is wrong with it; no row when there was none.
-- $1 entities, $2 regions. A region without a row of an entity was rehearsed with none of its keys.
with newest as (select run, max(at) as at from migration.rollback_rehearsal group by run order by max(at) desc limit 1)
select n.run, extract(epoch from now() - n.at) / 3600 as hours,
       coalesce(sum(r.keys), 0)::bigint as keys, coalesce(sum(r.keys - r.equal), 0)::bigint as unequal,
       (select count(*) from unnest($1::text[]) e cross join unnest($2::text[]) g
         where not exists (select from migration.rollback_rehearsal x where x.run = n.run and (x.entity, x.region) = (e, g))) as missing
  from newest n left join migration.rollback_rehearsal r on r.run = n.run
 group by n.run, n.at
