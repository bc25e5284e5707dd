-- Control total: what was allowed, by purpose.
select upper(p.market) as region, n.purpose || case when n.granted then ' allowed' else ' forbidden' end as bucket, count(*)::numeric as amount
  from mi.consents n
  join mi.profiles p on p.profile_id = n.profile_id
 where n.origin = 'poco'
 group by 1, 2
