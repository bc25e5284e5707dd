-- Purpose: what a run has measured and does not agree: equations with a remainder, control totals that differ, coupons that are owed.
-- $1 run
select 'equation' as kind, entity as name, region, missing || ' missing, ' || extra || ' extra' as difference
  from migration.recon where run = $1 and (missing > 0 or extra > 0)
 union all
select 'control total', total || ' ' || bucket, region, 'source - target = ' || (source - target)
  from migration.control_total where run = $1 and source <> target
 union all
select 'liability', kind || ' ' || currency || ' ' || audience, region, 'freeze - accounted for = ' || coupons || ' coupons, ' || uses || ' uses, ' || worth
  from migration.liability_open where run = $1
 order by 1, 2, 3
