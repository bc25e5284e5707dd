-- Purpose: what does not move, as a run has measured it, with its share, its limit and what the certificate before said; for its certificate.
-- $1 run
select entity, region, outcome, reason, rows, of_rows, share, limit_rows, limit_from, before
  from migration.excused where run = $1 order by entity, region, outcome, reason
