-- Purpose: the list of what changes at this table begins anew, because it could not be believed any more.
-- $1 table, $2 facts
insert into migration.watched as w (table_name, facts, whole) values ($1, $2, false)
    on conflict (table_name) do update
   set facts = excluded.facts, whole = false, since = clock_timestamp()
