-- Purpose: control totals that differ now and did not right before the switch, where customers may change what is summed: those from
--          before stand, and it is noted that they were not summed again.
-- $1 run, $2 the run that measured right before the switch, $3 regions, $4 totals that last
with noted as (
insert into migration.uncounted (run, name, region, said)
select n.run, n.total || ' ' || n.bucket, n.region, 'source - target = ' || (n.source - n.target) || '; before the switch 0'
  from migration.control_total n
  join migration.control_total o on (o.run, o.total, o.region, o.bucket) = ($2, n.total, n.region, n.bucket)
 where n.run = $1 and n.region = any ($3) and n.source <> n.target and o.source = o.target and n.total <> all ($4)
returning name, region)
update migration.control_total n
   set source = o.source, target = o.target
  from migration.control_total o, noted u
 where n.run = $1 and o.run = $2 and (o.total, o.region, o.bucket) = (n.total, n.region, n.bucket)
   and (u.name, u.region) = (n.total || ' ' || n.bucket, n.region)
