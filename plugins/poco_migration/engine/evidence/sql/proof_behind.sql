-- Purpose: what hangs on the rows that stay behind, as a run has summed it up at POCO, for its certificate.
-- $1 run
select region, what, rows, amount from migration.behind where run = $1 order by region, what
