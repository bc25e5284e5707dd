-- Purpose: where the parts of a table start (on the source).
-- $1 entity, $2 rows in a part
select starts from poco_export.part_starts($1, $2) as starts
