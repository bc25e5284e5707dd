-- Control total: points by state, and the sum of squared balances of profiles.
with balance as (
select p.market, l.state, l.profile_id, sum(l.points) as points
  from mi.loyalty_entries l
  join mi.profiles p on p.profile_id = l.profile_id
 where l.origin = 'poco'
 group by p.market, l.state, l.profile_id)
select upper(market) as region, state || ' points' as bucket, sum(points)::numeric as amount from balance group by 1, 2
 union all
select upper(market), state || ' points, squares of balances', sum(points * points)::numeric from balance group by 1, 2
