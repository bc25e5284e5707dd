-- Purpose: what a recount after the switch could not count any more, for the certificate.
-- $1 run
select name, region, said from migration.uncounted where run = $1 order by name, region
