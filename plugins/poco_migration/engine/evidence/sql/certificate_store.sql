-- Purpose: add a certificate to the chain.
-- $1 sequence, $2 stage, $3 run, $4 document, $5 sha256, $6 previous, $7 report, $8 signature, $9 page
insert into migration.certificate (sequence, stage, run, document, sha256, previous, report, signature, page)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
