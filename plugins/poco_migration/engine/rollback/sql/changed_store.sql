-- Purpose: note a key that a comparison has found different at mi.com.
-- $1 table, without its schema; $2 key
insert into migration.changed_at_mi (table_name, key)
select $1, $2 where not exists (select from migration.changed_at_mi c where (c.table_name, c.key) = ($1, $2))
