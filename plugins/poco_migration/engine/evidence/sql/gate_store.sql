-- Purpose: the verdict of one try of a gate.
-- $1 stage, $2 gate, $3 run, $4 try, $5 verdict, $6 expected, $7 evaluated, $8 failed, $9 report, $10 sha256
insert into migration.gate (stage, gate, run, try_number, verdict, expected, evaluated, failed, report, sha256)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
