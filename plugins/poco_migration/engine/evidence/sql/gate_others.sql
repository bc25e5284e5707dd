-- Purpose: verdicts of other runs, in the order in which they were made, but those whose lost result a certificate has told already.
-- $1 run
select g.stage, g.gate, g.run, g.verdict, g.judged_at, g.report, g.sha256
  from migration.gate g
 where g.run <> $1
   and not exists (select from migration.certificate c
                    cross join jsonb_array_elements(coalesce(c.document::jsonb -> 'lost', '[]')) l
                    where l ->> 'sha256' = g.sha256)
 order by g.gate_id
