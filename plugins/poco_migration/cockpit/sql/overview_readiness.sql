-- Purpose: the findings of the newest assessment, what stops the stage first.
select region, check_name, severity, measured, demanded, ok, next_action, run, measured_at
  from migration.readiness
 where run = (select run from migration.readiness order by measured_at desc, run limit 1)
 order by ok, array_position(array['critical', 'warning', 'info'], severity), region, check_name
