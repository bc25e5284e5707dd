-- Purpose: every customer's points as they are at mi.com: by state, by state and expiry, and what made no whole point.
with bucket as (
select upper(p.market) as region, l.profile_id - mi.poco_key(0) as holder, l.state,
       coalesce(to_char(l.expires_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), 'never') as expiry,
       sum(l.points) as points, coalesce(sum(r.remainder), 0) as rest
  from mi.loyalty_entries l
  join mi.profiles p on p.profile_id = l.profile_id
  left join migration.points_remainder r on r.entry_id = l.entry_id
 where l.origin = 'poco'
 group by 1, 2, 3, 4)
select region, holder, 'customers: ' || state as balance, '' as place, sum(points) as amount from bucket group by region, holder, state
 union all
select region, holder, 'customers: ' || state || ' by expiry', expiry, points from bucket
 union all
select region, holder, 'customers: ' || state || ' remainder', expiry, rest from bucket where rest <> 0
