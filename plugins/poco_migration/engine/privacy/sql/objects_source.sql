-- Purpose: what objects of mi.com's bucket are called in POCO's.
-- $1 keys at mi.com
select source_object from migration.object where target_object = any ($1)
 union
select regexp_replace(t, '^poco/[^/]+/', '') from unnest($1::text[]) t
