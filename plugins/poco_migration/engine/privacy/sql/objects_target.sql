-- Purpose: what objects of POCO's bucket are called in mi.com's, where they were copied.
-- $1 keys at POCO
select target_object from migration.object where source_object = any ($1)
