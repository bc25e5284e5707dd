-- Purpose: the equation of the objects of every region that moves: named = copied + quarantined + missing.
-- Needs:   objects_scratch.sql, filled; objects_plan.sql. $1 run
with named as (
select target_object, min(region) as region from at_mi group by target_object),
ours as (
select p.target_object, min(p.region) as region, bool_or(n.target_object is not null) as named,
       bool_or(case p.entity when 'reviews' then exists (select from mi.reviews r where r.review_id = p.row_key and r.origin = 'poco')
                             else exists (select from mi.case_messages t where t.message_id = p.row_key and t.origin = 'poco') end) as row_there
  from at_poco p
  left join named n on n.target_object = p.target_object
 group by p.target_object),
state as (
select n.region, n.target_object, o.sha256, o.bytes, q.reason, p.target_object is null as unknown
  from named n
  left join migration.object o on o.target_object = n.target_object
  left join migration.quarantine q on q.entity = 'objects' and q.source_key = o.object_no and q.resolved_at is null
  left join ours p on p.target_object = n.target_object)
insert into migration.object_recon (run, region, named_at_poco, gone, unnamed, extra, named, copied, quarantined, missing, bytes)
select $1, k.region, p.named_at_poco, p.gone, p.unnamed, s.extra, s.named, s.copied, s.quarantined, s.named - s.copied - s.quarantined, s.bytes
  from migration.scope k
 cross join lateral (select count(*) as named_at_poco, count(*) filter (where not o.named and not o.row_there) as gone,
                            count(*) filter (where not o.named and o.row_there) as unnamed
                       from ours o where o.region = k.region) p
 cross join lateral (select count(*) as named, count(*) filter (where t.unknown) as extra, count(t.sha256) as copied,
                            count(*) filter (where t.sha256 is null and t.reason is not null) as quarantined, coalesce(sum(t.bytes), 0)::bigint as bytes
                       from state t where t.region = k.region) s
 where k.decision = 'move'
    on conflict (run, region) do update
   set named_at_poco = excluded.named_at_poco, gone = excluded.gone, unnamed = excluded.unnamed, extra = excluded.extra, named = excluded.named,
       copied = excluded.copied, quarantined = excluded.quarantined, missing = excluded.missing, bytes = excluded.bytes
returning region, named, copied, quarantined, missing, unnamed, extra, bytes
