-- Purpose: the customers who are kept back because of their account at mi.com, with what POCO says of it; mi.com says below whether that is so.
-- Entity: customers
-- The place holds the account that POCO names, the verified e-mail as a hash and the end of the verified phone number.
select c.region, c.id as holder, 'customers kept back: ' || a.reason as balance,
       json_build_object('account', c.mi_account_id,
                         'mail', case when c.email_verified_at is not null
                                      then encode(sha256(convert_to('email:' || lower(normalize(regexp_replace(c.email, E'^[ \t\r\n\u00a0\u200b]+|[ \t\r\n\u00a0\u200b]+$', '', 'g'), NFKC)), 'UTF8')), 'hex') end,
                         'phone', case when c.phone_verified_at is not null then right(regexp_replace(c.phone, '[^0-9]', '', 'g'), 8) end)::text as place,
       1 as amount
  from aside a
  join poco_export.audited_customers c on c.id = a.source_key
 where a.reason in ('account_unknown', 'identity_conflict')
