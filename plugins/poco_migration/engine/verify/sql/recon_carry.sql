-- Purpose: what mi.com owns is not counted again: customers change it there. The equation of its handover stands.
-- $1 run
update migration.recon n
   set source = o.source, migrated = o.migrated, merged = o.merged, excluded = o.excluded, quarantined = o.quarantined,
       missing = o.missing, extra = o.extra, measured_at = o.measured_at
  from migration.system_of_record s
  join migration.recon o on (o.run, o.entity, o.region) = (s.run, s.entity, s.region)
 where n.run = $1 and s.owner = 'Xiaomi' and s.run <> $1 and (n.entity, n.region) = (s.entity, s.region)
