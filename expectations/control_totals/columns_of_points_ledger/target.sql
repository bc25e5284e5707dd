-- Control total: every column of entries of points, whose they are and of which order, each summed by itself with the key; by POCO's keys.
-- An entry that was converted shows POCO's points if it is credited with what was converted.
select l.entry_id - mi.poco_key(0) as key, upper(p.market) as region, l.profile_id - mi.poco_key(0) as customer, l.kind, l.state,
       case when r.entry_id is null then l.points when r.credited = l.points then r.points end as points, l.order_id - mi.poco_key(0) as purchase,
       l.expires_at as expires, l.created_at as created
  from mi.loyalty_entries l
  join mi.profiles p on p.profile_id = l.profile_id
  left join migration.points_remainder r on r.entry_id = l.entry_id
 where l.origin = 'poco'
