-- Purpose: these rows of an erased person do not move, as park.sql would say it.
-- $1 entity, $2 keys, $3 their regions, $4 reason
insert into migration.left_out as l (entity, source_key, region, outcome, reason)
select $1, k.source_key, k.region, 'excluded', $4 from unnest($2::bigint[], $3::text[]) k (source_key, region)
    on conflict (entity, source_key) do update set region = excluded.region, outcome = excluded.outcome, reason = excluded.reason
 where (l.region, l.outcome, l.reason) is distinct from (excluded.region, excluded.outcome, excluded.reason)
