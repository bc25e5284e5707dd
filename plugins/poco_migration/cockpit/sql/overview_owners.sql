-- Purpose: who owns writes in each region that moves, and how many of its entities mi.com has. No row: POCO owns it.
select s.region, count(o.entity) filter (where o.owner = 'Xiaomi')::integer as at_xiaomi, min(o.since) filter (where o.owner = 'Xiaomi') as since
  from migration.scope s
  left join migration.system_of_record o on o.region = s.region
 where s.decision = 'move'
 group by s.region
 order by s.region
