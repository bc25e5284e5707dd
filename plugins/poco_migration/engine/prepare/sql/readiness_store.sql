-- Purpose: one finding of an assessment.
-- $1 run, $2 region, $3 check, $4 measured, $5 demanded, $6 ok, $7 next action, $8 severity
insert into migration.readiness (run, region, check_name, measured, demanded, ok, next_action, severity)
values ($1, $2, $3, $4, $5, $6, $7, $8)
    on conflict (run, region, check_name) do update
   set measured = excluded.measured, demanded = excluded.demanded, ok = excluded.ok, next_action = excluded.next_action,
       severity = excluded.severity, measured_at = now()
