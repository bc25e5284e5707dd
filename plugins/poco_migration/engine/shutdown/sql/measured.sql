-- Purpose: how much a run has measured: equations and control totals.
-- $1 run
select (select count(*) from migration.recon where run = $1) as equations,
       (select count(*) from migration.control_total where run = $1) as totals
