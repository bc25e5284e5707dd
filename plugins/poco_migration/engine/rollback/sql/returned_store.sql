-- Purpose: count what a return has brought, per entity, region and kind; a line of zeros where nothing had changed.
-- $1 run, $2 entities, $3 regions
insert into migration.returned as t (run, entity, region, kind, found, back, listed, unexplained)
select $1, e, r, n.kind, count(k.target_key), count(*) filter (where k.state = 'back'), count(*) filter (where k.state = 'listed'),
       count(*) filter (where k.state = 'found')
  from unnest($2::text[]) e
 cross join unnest($3::text[]) r
 cross join unnest(array['changed', 'deleted', 'created']) n (kind)
  left join migration.return_key k on k.run = $1 and (k.entity, k.region, k.kind) = (e, r, n.kind)
 group by e, r, n.kind
    on conflict (run, entity, region, kind) do update
   set found = excluded.found, back = excluded.back, listed = excluded.listed, unexplained = excluded.unexplained, measured_at = now()
