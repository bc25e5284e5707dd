-- Purpose: whose the rows of one of POCO's tables are, and what an erasure does to them (on the source).
-- $1 entity, $2 depth, $3 the entity it hangs on, $4 by which column, $5 shown columns, $6 kept columns, $7 personal ones that
-- are not kept, $8 what it erases
insert into poco_export.holding (entity, depth, hangs_on, by_column, shown, kept, telling, erases)
values ($1, $2, $3, $4, $5::text[], $6::text[], $7::text[], $8::jsonb)
