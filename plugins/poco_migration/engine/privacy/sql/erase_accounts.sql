-- Purpose: an account that was made for POCO people goes with the last profile under it, and one that stays says what its
--          profiles say together, as the copy of customers has it. Xiaomi's own accounts are left alone.
-- $1 accounts
with told as (select a.account_id, count(p.profile_id) as profiles, min(p.status) as status, min(p.created_at) as created_at
                from mi.accounts a left join mi.profiles p on p.account_id = a.account_id
               where a.account_id = any ($1::bigint[]) and a.origin = 'poco'
               group by a.account_id),
     known as (delete from mi.account_identities i using told t where i.account_id = t.account_id and t.profiles = 0),
     gone as (delete from mi.accounts a using told t where a.account_id = t.account_id and t.profiles = 0)
update mi.accounts a set status = t.status, created_at = t.created_at
  from told t
 where a.account_id = t.account_id and t.profiles > 0 and (a.status, a.created_at) is distinct from (t.status, t.created_at)
