-- Purpose: beside each count of rows that do not move: its share, how many may stay behind and who says so, and what the newest
--          certificate that speaks of the entity has told. The limit never grows with what it limits: what was foreseen is from before the
--          first copy, or from a rehearsal. Rows of a region that does not move are a decision, and so is what the card calls decided.
-- $1 run, $2 single rows, $3 share, $4 tolerance, $5 the rulings as JSON, $6 entities and $7 reasons that are decided, as pairs
with counted as (
select x.entity, x.region, x.outcome, x.reason, x.rows, coalesce(r.source, 0) as of_rows,
       coalesce(s.decision, 'unknown') in ('stay', 'hold') or exists (select from unnest($6::text[], $7::text[]) d (entity, reason)
                                                             where (d.entity, d.reason) = (x.entity, x.reason)) as decided,
       exists (select from migration.foreseen f where f.entity = x.entity) as asked,
       (select ceil(f.rows * greatest(1, coalesce(r.source, 0)::numeric / nullif(f.of_rows, 0)) * (1 + $4::numeric))::bigint
          from migration.foreseen f
         where (f.entity, f.region, f.reason) = (x.entity, x.region, x.reason)
         order by f.made_at desc limit 1) as foreseen,
       (select max((j ->> 'rows')::bigint) from jsonb_array_elements($5::jsonb) j
         where (j ->> 'entity', j ->> 'region', j ->> 'reason') = (x.entity, x.region, x.reason)) as ruled,
       (select coalesce(max(b.rows) filter (where (b.region, b.outcome, b.reason) = (x.region, x.outcome, x.reason)), 0)
          from migration.excused b
         where b.entity = x.entity
           and b.run = (select c.run from migration.certificate c
                         where c.run <> $1 and exists (select from migration.recon e where (e.run, e.entity) = (c.run, x.entity))
                         order by c.sequence desc limit 1)
        having exists (select from migration.certificate c
                        where c.run <> $1 and exists (select from migration.recon e where (e.run, e.entity) = (c.run, x.entity)))) as before
  from migration.excused x
  left join migration.recon r on (r.run, r.entity, r.region) = (x.run, x.entity, x.region)
  left join migration.scope s on s.region = x.region
 where x.run = $1),
     weighed as (
select c.*, case when c.outcome = 'not returned' or c.decided
                   or (c.outcome in ('merged', 'excluded') and not c.asked) then null
                 else greatest($2::bigint, ceil($3::numeric * c.of_rows)::bigint, c.foreseen, c.ruled) end as limit_rows
  from counted c)
update migration.excused x
   set of_rows = w.of_rows, share = round(100.0 * w.rows / greatest(w.of_rows, w.rows, 1), 2), limit_rows = w.limit_rows, before = w.before,
       limit_from = case when w.outcome = 'not returned' then 'the list of the rollback'
                         when w.limit_rows is null and w.decided then 'decided'
                         when w.limit_rows is null then 'by a rule, and never foreseen'
                         when w.limit_rows = w.ruled then 'a ruling in migration.toml'
                         when w.limit_rows = w.foreseen then 'foreseen by the prepare stage'
                         when w.limit_rows = $2 then 'single rows'
                         else 'the share in migration.toml' end
  from weighed w
 where x.run = $1 and (x.entity, x.region, x.outcome, x.reason) = (w.entity, w.region, w.outcome, w.reason)
