-- Control total: every column of postal addresses, each summed by itself with the key; by POCO's keys.
select a.address_id - mi.poco_key(0) as key, upper(p.market) as region, a.profile_id - mi.poco_key(0) as customer, a.kind, a.recipient, a.line1,
       a.line2, a.city, a.postcode, a.country, a.phone, a.is_default, a.created_at as created
  from mi.addresses a
  join mi.profiles p on p.profile_id = a.profile_id
 where a.origin = 'poco'
