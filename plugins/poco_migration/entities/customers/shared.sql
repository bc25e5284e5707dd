-- Purpose: the migrated customers whose account is not what load.sql makes of these customers and Xiaomi's own accounts.
-- One row per profile and fault. Order: none.
-- Rule:    the account is the one that the evidence points to, or the one made for this person; an account made for
--          a person has the status, the age and the verified address of its profiles, and no other; unless mi.com has a
--          profile under it, of its own or handed over: then what it says is mi.com's.
select t.profile_id - mi.poco_key(0) as source_key, t.profile_id
  from mi.profiles t
  left join mi.accounts n on n.account_id = t.account_id
  left join mi.account_identities mail on t.email_verified and mail.kind = 'email' and mail.value = t.email
  left join mi.account_identities tel  on t.phone_verified and tel.kind = 'phone' and tel.value = t.phone
  left join mi.accounts by_mail on by_mail.account_id = mail.account_id and by_mail.origin = 'mi'
  left join mi.accounts by_tel  on by_tel.account_id = tel.account_id and by_tel.origin = 'mi'
 cross join lateral (select case when t.email_verified                         then 'email:' || t.email
                                 when t.phone_verified and t.phone is not null then 'phone:' || t.phone
                                 else 'customer:' || (t.profile_id - mi.poco_key(0)) end as evidence) e
 cross join lateral (select min(p.status) as status, min(p.created_at) as created_at
                       from mi.profiles p where p.account_id = t.account_id) a
 where t.origin = 'poco'
   and (n.account_id is null or t.brand <> 'POCO'
     or case when t.joined_by = 'link' then n.origin <> 'mi'
             when by_mail.account_id is not null then t.joined_by <> 'email' or t.account_id <> by_mail.account_id
             when by_tel.account_id is not null  then t.joined_by <> 'phone' or t.account_id <> by_tel.account_id
             when exists (select from mi.profiles o
                           where o.account_id = t.account_id
                             and (o.profile_id not between mi.poco_key(-100000000000000) and mi.poco_key(900000000000000)
                                  or exists (select from migration.theirs m
                                              where m.entity = 'customers' and m.source_key = o.profile_id - mi.poco_key(0))))
                                                 then t.joined_by <> 'created' or n.origin_person is distinct from sha256(convert_to(e.evidence, 'UTF8'))
             else t.joined_by <> 'created' or n.origin <> 'poco' or n.origin_person is distinct from sha256(convert_to(e.evidence, 'UTF8'))
               or (n.status, n.created_at) is distinct from (a.status, a.created_at)
               or (t.email_verified and (mail.account_id, mail.verified_at) is distinct from (n.account_id, n.created_at))
               or (not t.email_verified and t.phone_verified and t.phone is not null
                   and (tel.account_id, tel.verified_at) is distinct from (n.account_id, n.created_at))
               or exists (select from mi.account_identities i
                           where i.account_id = n.account_id and (i.kind || ':' || i.value) <> e.evidence) end)
