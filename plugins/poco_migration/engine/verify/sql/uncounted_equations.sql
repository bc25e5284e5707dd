-- Purpose: equations in which mi.com has fewer rows now than were handed over: where customers may delete rows, the equation from right
--          before the switch stands, and it is noted that it was not counted again.
-- $1 run, $2 the run that measured right before the switch, $3 regions, $4 entities of which nobody may delete a row
with noted as (
insert into migration.uncounted (run, name, region, said)
select n.run, 'rows of ' || n.entity, n.region, n.missing || ' rows fewer than POCO has; before the switch ' || o.missing
  from migration.recon n
  join migration.recon o on (o.run, o.entity, o.region) = ($2, n.entity, n.region)
 where n.run = $1 and n.region = any ($3) and n.missing > 0 and o.missing = 0 and n.entity <> all ($4)
returning name, region)
update migration.recon n
   set source = o.source, migrated = o.migrated, merged = o.merged, excluded = o.excluded, quarantined = o.quarantined,
       missing = o.missing, extra = o.extra
  from migration.recon o, noted u
 where n.run = $1 and o.run = $2 and (o.entity, o.region) = (n.entity, n.region) and (u.name, u.region) = ('rows of ' || n.entity, n.region)
