-- Control total: points by state: POCO's out of what is credited and what is left, at the rate; and these two.
with entry as (
select upper(p.market) as region, l.state, l.points, coalesce(r.remainder, 0) as remainder, k.points_new, k.points_old
  from mi.loyalty_entries l
  join mi.profiles p on p.profile_id = l.profile_id
  join migration.scope k on k.market = p.market
  left join migration.points_remainder r on r.entry_id = l.entry_id
 where l.origin = 'poco')
select region, state || ' points of POCO' as bucket, trim_scale((sum(points) * points_old + sum(remainder)) / points_new) as amount
  from entry group by region, state, points_new, points_old
 union all
select region, state || ' points credited', sum(points) from entry group by region, state
 union all
select region, state || ' remainders', sum(remainder) from entry group by region, state
