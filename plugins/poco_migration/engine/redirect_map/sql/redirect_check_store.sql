-- Purpose: what a service answered for the addresses of one region and origin.
-- $1 run, $2 region, $3 origin, $4 version, $5.. the counts in the order of the table
insert into migration.redirect_check (run, region, origin, version, asked, to_page, to_front, refused, unanswered, not_one_hop,
                                      open_redirect, other_region, missing_page, wrong_page, query_lost, touched)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
