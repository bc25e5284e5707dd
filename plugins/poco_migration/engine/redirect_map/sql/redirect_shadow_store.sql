-- Purpose: a page of mi.com's that a redirect hides.
-- $1 run, $2 page
insert into migration.redirect_shadow (run, page) values ($1, $2)
