-- Purpose: a copy is gone from the bucket, and the way to it with it.
-- $1 object
update migration.personal_export set deleted_at = now(), link = null where object = $1
