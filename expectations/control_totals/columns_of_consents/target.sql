-- Control total: every column of consents, each summed by itself with the key; by POCO's keys.
select n.consent_id - mi.poco_key(0) as key, upper(p.market) as region, n.profile_id - mi.poco_key(0) as customer, n.purpose, n.granted,
       n.recorded_at as recorded
  from mi.consents n
  join mi.profiles p on p.profile_id = n.profile_id
 where n.origin = 'poco'
