-- Purpose: what mi.com owns is not counted again, here as in recon_carry.sql: what stayed behind at its handover stands.
-- $1 run
with theirs as (
select s.entity, s.region, s.run
  from migration.system_of_record s
  join migration.recon n on n.run = $1 and (n.entity, n.region) = (s.entity, s.region)
  join migration.recon o on (o.run, o.entity, o.region) = (s.run, s.entity, s.region)
 where s.owner = 'Xiaomi' and s.run <> $1),
     gone as (
delete from migration.excused x using theirs t where x.run = $1 and (x.entity, x.region) = (t.entity, t.region))
insert into migration.excused (run, entity, region, outcome, reason, rows, of_rows, share, limit_rows, limit_from, before)
select $1, x.entity, x.region, x.outcome, x.reason, x.rows, x.of_rows, x.share, x.limit_rows, x.limit_from, x.rows
  from theirs t
  join migration.excused x on (x.run, x.entity, x.region) = (t.run, t.entity, t.region)
    on conflict (run, entity, region, outcome, reason) do update
   set rows = excluded.rows, of_rows = excluded.of_rows, share = excluded.share, limit_rows = excluded.limit_rows,
       limit_from = excluded.limit_from, before = excluded.before
