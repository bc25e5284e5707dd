-- Purpose: the equations a run has measured, for its certificate.
-- $1 run
select entity, region, decision, source, migrated, merged, excluded, quarantined, missing, extra
  from migration.recon where run = $1 order by entity, region
