-- Purpose: remember what POCO's list of currencies was like when the comparison of an entity began.
-- $1 entity, $2 mark
insert into migration.reference (entity, mark) values ($1, $2)
on conflict (entity) do update set mark = excluded.mark, marked_at = clock_timestamp()
