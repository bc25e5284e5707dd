-- Purpose: what mi.com has now of the rows that an earlier run handed over, beside what it had then; before their equations are carried.
-- $1 run
insert into migration.presence (run, entity, region, handed_over, was, present, erased)
select $1, n.entity, n.region, s.run, o.migrated + o.merged, n.migrated + n.merged,
       (select count(*) from migration.left_out l
         where (l.entity, l.region) = (n.entity, n.region) and l.reason = 'person_erased' and l.since > s.since)
  from migration.recon n
  join migration.system_of_record s on (s.entity, s.region) = (n.entity, n.region) and s.owner = 'Xiaomi' and s.run <> $1
  join migration.recon o on (o.run, o.entity, o.region) = (s.run, n.entity, n.region)
 where n.run = $1
