-- Purpose: a copy is ready: mi.com's account settings may show the way to it.
-- $1 object, $2 link, $3 sha256, $4 bytes, $5 rows
update migration.personal_export set link = $2, sha256 = $3, bytes = $4, rows = $5 where object = $1
