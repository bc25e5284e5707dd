-- Control total: addresses by kind, and whose they are; by POCO's keys.
select upper(p.market) as region, a.kind || ' addresses' as bucket, count(*)::numeric as amount
  from mi.addresses a
  join mi.profiles p on p.profile_id = a.profile_id
 where a.origin = 'poco'
 group by 1, 2
 union all
select upper(p.market), 'address times customer', sum((a.address_id - mi.poco_key(0))::numeric * (a.profile_id - mi.poco_key(0)))
  from mi.addresses a
  join mi.profiles p on p.profile_id = a.profile_id
 where a.origin = 'poco'
 group by 1
