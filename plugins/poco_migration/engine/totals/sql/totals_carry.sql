-- Purpose: the control totals of what mi.com owns, as they were when it was handed over.
-- $1 run, $2 totals, $3 the entity of each
insert into migration.control_total (run, total, region, bucket, source, target)
select $1, c.total, c.region, c.bucket, c.source, c.target
  from unnest($2::text[], $3::text[]) t (total, entity)
  join migration.system_of_record s on s.entity = t.entity and s.owner = 'Xiaomi' and s.run <> $1
  join migration.control_total c on (c.run, c.total, c.region) = (s.run, t.total, s.region)
