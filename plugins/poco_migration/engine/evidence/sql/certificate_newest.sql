-- Purpose: the newest certificate; of a stage and of a run where they are given.
-- $1 stage or null, $2 run or null
select sequence, stage, run, sha256, report, issued_at, document
  from migration.certificate
 where ($1::text is null or stage = $1) and ($2::text is null or run = $2)
 order by sequence desc
 limit 1
