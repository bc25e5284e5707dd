-- Purpose: what one region's store still has after the shutdown.
-- $1 run, $2 region, $3 live logins, $4 open tables, $5 redirects
insert into migration.shutdown (run, region, live_tokens, open_tables, redirects) values ($1, $2, $3, $4, $5)
