-- Purpose: the list of what changes at this table begins here; one that has begun stays.
-- $1 table, $2 facts, $3 whether the rows from before are known to be equal
insert into migration.watched (table_name, facts, whole) values ($1, $2, $3)
    on conflict (table_name) do nothing
