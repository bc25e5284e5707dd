-- Purpose: what people are asked to sign in the newest run of a stage: the newest draft of its certificate, and its gates with warnings.
-- Rule:    an approval that names the same content stands beside it.
-- $1 stage
with newest as (
    select run from (select run, made_at as at from migration.draft where stage = $1
                     union all select run, judged_at from migration.gate where stage = $1) r order by at desc limit 1
), asked as (
    (select $1 as subject, run, sha256 as shown, made_at as at, report, document
       from migration.draft where stage = $1 and run = (select run from newest) order by draft_id desc limit 1)
    union all
    (select 'warnings of ' || gate, run, sha256, judged_at, report, null
       from (select distinct on (gate) * from migration.gate where stage = $1 and run = (select run from newest) order by gate, gate_id desc) g
      where verdict = 'warn')
)
select a.*, array(select p.approver from migration.approval p
                   where (p.stage, p.run, p.subject, p.shown) = ($1, a.run, a.subject, a.shown) order by 1) as signed
  from asked a
 order by at
