-- Purpose: an object is at mi.com, as it was read back there.
-- $1 number, $2 bytes, $3 sha256, $4 etag
with gone as (
update migration.quarantine set resolved_at = now() where entity = 'objects' and source_key = $1 and resolved_at is null)
update migration.object
   set bytes = $2, sha256 = $3, etag = $4,
       copied_at = case when sha256 = $3 then copied_at else clock_timestamp() end
 where object_no = $1
