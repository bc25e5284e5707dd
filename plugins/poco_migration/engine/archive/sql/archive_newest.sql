-- Purpose: the newest archive.
select run, position, object_key, sha256, locked from migration.archive order by archive_id desc limit 1
