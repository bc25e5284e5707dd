-- Purpose: these objects are deleted, so nothing says any more that they were copied.
-- $1 keys at mi.com
delete from migration.object_copy where target_object = any ($1)
