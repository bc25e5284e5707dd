-- Purpose: note one file of notices.
-- $1 run, $2 region, $3 bucket and key, $4 SHA-256, $5 bytes, $6 notices
insert into migration.notice (run, region, object, sha256, bytes, notices) values ($1, $2, $3, $4, $5, $6)
