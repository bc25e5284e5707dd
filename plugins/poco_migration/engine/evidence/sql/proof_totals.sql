-- Purpose: the control totals a run has measured, for its certificate.
-- $1 run
select total, region, bucket, source, target from migration.control_total where run = $1 order by total, region, bucket
