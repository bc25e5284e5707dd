-- Control total: every column of customers, and the account each has, each summed by itself with the key. Entity: customers
-- Hashed: one row for each that should be at mi.com.
-- The account: the one that POCO names; else the one that was made for the verified e-mail or phone, or for the customer alone.
-- A phone number's international form is judged at mi.com (suite people), where a program has made it.
with customer as (
select c.*, nullif(lower(normalize(regexp_replace(c.email, E'^[ \t\r\n\u00a0\u200b]+|[ \t\r\n\u00a0\u200b]+$', '', 'g'), NFKC)), '') as mail, btrim(c.phone) as entered, s.time_zone
  from poco_export.audited_customers c
  join poco.stores s on s.region = c.region
 where c.id not in (select source_key from aside))
select id as key, region, 'POCO' as brand, case status when 1 then 'active' when 2 then 'closed' end as status,
       case when mi_account_id is not null                          then 'account ' || mi_account_id
            when mail is not null and email_verified_at is not null then encode(sha256(convert_to('email:' || mail, 'UTF8')), 'hex')
            when entered <> '' and phone_verified_at is not null    then 'of the phone'
            else encode(sha256(convert_to('customer:' || id, 'UTF8')), 'hex') end as account,
       mi_account_id is not null as linked, full_name as name, mail as email, mail is not null and email_verified_at is not null as email_verified,
       nullif(entered, '') as phone_as_entered, coalesce(entered, '') <> '' and phone_verified_at is not null as phone_verified,
       birth_date as born, locale, note, created_at at time zone time_zone as created, closed_at at time zone time_zone as closed
  from customer
