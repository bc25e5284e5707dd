-- Purpose: the equations of the photos and attachments that a run has proven, for its certificate.
-- $1 run
select region, named_at_poco, gone, unnamed, extra, named, copied, quarantined, missing, bytes
  from migration.object_recon where run = $1 order by region
