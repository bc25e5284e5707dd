-- Purpose: the keys that have changed at mi.com in one table; ascending.
-- $1 table, without its schema
select distinct key from migration.changed_at_mi where table_name = $1 and key is not null order by key
