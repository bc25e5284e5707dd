-- Purpose: keep a draft that people are about to read.
-- $1 stage, $2 run, $3 document, $4 sha256, $5 report
insert into migration.draft (stage, run, document, sha256, report) values ($1, $2, $3, $4, $5)
