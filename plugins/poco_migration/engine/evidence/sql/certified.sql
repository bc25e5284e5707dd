-- Purpose: which stages have a certificate, and since when the newest of each.
select distinct on (stage) stage, issued_at, run, report
  from migration.certificate
 order by stage, sequence desc
