-- Purpose: what a run has measured and does not agree: equations with a remainder, control totals that differ.
-- $1 run
select 'equation' as kind, entity as name, region, missing || ' missing, ' || extra || ' extra' as difference
  from migration.recon where run = $1 and (missing > 0 or extra > 0)
 union all
select 'control total', total || ' ' || bucket, region, 'source - target = ' || (source - target)
  from migration.control_total where run = $1 and source <> target
 order by 1, 2, 3
