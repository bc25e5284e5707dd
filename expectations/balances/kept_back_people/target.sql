-- Purpose: of the customers who are kept back because of their account, those whom mi.com's own accounts bear out: the account that POCO
--          names is none of Xiaomi's, or what POCO says leads to two of them.
with claim as (
select s.region, s.holder, s.balance, s.place, s.place::json ->> 'account' as account, s.place::json ->> 'mail' as mail, s.place::json ->> 'phone' as phone
  from balance_source s),
led as (
select c.holder, a.account_id from claim c join mi.accounts a on a.account_id = c.account::bigint and a.origin = 'mi'
 union
select c.holder, a.account_id
  from claim c
  join mi.account_identities i on i.kind = 'email' and encode(sha256(convert_to('email:' || i.value, 'UTF8')), 'hex') = c.mail
  join mi.accounts a on a.account_id = i.account_id and a.origin = 'mi'
 union
select c.holder, a.account_id
  from claim c
  join mi.account_identities i on i.kind = 'phone' and right(i.value, 8) = c.phone
  join mi.accounts a on a.account_id = i.account_id and a.origin = 'mi')
select c.region, c.holder, c.balance, c.place, 1 as amount
  from claim c
 where case when c.balance like '%account_unknown' then c.account is not null and not exists (select from mi.accounts a where a.account_id = c.account::bigint and a.origin = 'mi')
            else (select count(*) from led l where l.holder = c.holder) > 1 end
