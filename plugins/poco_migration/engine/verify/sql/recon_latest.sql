-- Purpose: the newest equation of every entity and region, whichever run measured it.
select distinct on (entity, region) entity, region, decision, source, migrated, merged, excluded, quarantined
  from migration.recon
 order by entity, region, measured_at desc
