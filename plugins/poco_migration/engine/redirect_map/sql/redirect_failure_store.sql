-- Purpose: where an address stands that was not answered as it must be.
-- $1 run, $2 problem, $3 where, $4 region
insert into migration.redirect_failure (run, problem, stands, region) values ($1, $2, $3, $4) on conflict do nothing
