-- Purpose: the files that a run has written for the mailing system, for the certificate.
-- $1 run
select region, object, sha256, bytes, notices from migration.notice where run = $1 order by region
