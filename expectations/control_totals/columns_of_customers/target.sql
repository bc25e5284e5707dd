-- Control total: every column of customers, and the account each has, each summed by itself with the key; by POCO's keys.
-- An account that was made for a POCO person shows for which evidence; one of Xiaomi's own, by which of its identities it was found.
select p.profile_id - mi.poco_key(0) as key, upper(p.market) as region, p.brand, p.status,
       case when p.joined_by = 'link' and n.origin = 'mi' then 'account ' || p.account_id
            when p.joined_by = 'created' and n.origin_person = by_phone.person and not p.email_verified and p.phone_verified then 'of the phone'
            when p.joined_by = 'created' then encode(n.origin_person, 'hex')
            when p.joined_by = 'phone' and exists (select from mi.account_identities i where i.account_id = p.account_id and i.kind = 'phone' and i.value = p.phone)
            then case when p.email_verified then encode(by_email.person, 'hex') when p.phone_verified then 'of the phone' end
            when p.joined_by = 'email' and exists (select from mi.account_identities i where i.account_id = p.account_id and i.kind = 'email' and i.value = p.email)
            then encode(by_email.person, 'hex') end as account,
       p.joined_by = 'link' as linked, p.display_name as name, p.email, p.email_verified, p.phone_as_entered, p.phone_verified,
       p.birth_date as born, p.locale, p.note, p.created_at as created, p.closed_at as closed
  from mi.profiles p
  left join mi.accounts n on n.account_id = p.account_id
 cross join lateral (select sha256(convert_to('email:' || p.email, 'UTF8')) as person) by_email
 cross join lateral (select sha256(convert_to(coalesce('phone:' || p.phone, 'customer:' || (p.profile_id - mi.poco_key(0))), 'UTF8')) as person) by_phone
 where p.origin = 'poco'
