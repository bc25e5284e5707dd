-- Purpose: whose data is asked for: POCO's customers, with their profiles as far as they have one, and those whose erasure
--          under this account was begun and not finished.
-- $1 account, $2 customer; one of them is null
select p.profile_id - mi.poco_key(0) as customer, p.profile_id, p.account_id
  from mi.profiles p
 where (p.account_id = $1::bigint or p.profile_id = mi.poco_key($2::bigint))
   and p.profile_id between mi.poco_key(-100000000000000) and mi.poco_key(900000000000000)
 union all
select e.customer, null, e.account_id
  from migration.erasure e
 where (e.account_id = $1::bigint and e.erased_at is null or e.customer = $2::bigint)
   and not exists (select from mi.profiles p where p.profile_id = mi.poco_key(e.customer))
 order by customer
