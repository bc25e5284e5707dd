-- Purpose: POCO's customers, in the shape of mi.profiles, with the evidence of who they are.
-- One row per customer. Order: none.
-- Rule:    an e-mail is compared without blanks around it, in one unicode form (NFKC) and in lower case.
select c.id                                            as source_key,
       c.region,
       case when s.status is null then 'status_unknown'
            when c.birth_date > (select r.cutover_at from poco_export.rules r)::date - make_interval(years => c.minimum_age) then 'under_age'
             end                                       as refused,
       poco_export.mi_key(c.id)                        as profile_id,
       c.market,
       s.status,
       c.mi_account_id,
       c.full_name                                     as display_name,
       m.email,
       m.email is not null and c.email_verified_at is not null      as email_verified,
       nullif(btrim(c.phone), '')                      as phone_as_entered,
       nullif(btrim(c.phone), '') is not null and c.phone_verified_at is not null as phone_verified,
       c.birth_date,
       c.locale,
       c.note,
       c.created_at at time zone c.time_zone           as created_at,
       c.closed_at at time zone c.time_zone            as closed_at
  from poco_export.customers c
 cross join lateral (select nullif(lower(normalize(btrim(c.email, E' \t\r\n\u00a0\u200b'), NFKC)), '') as email) m
  left join (values (1, 'active'), (2, 'closed')) as s (code, status) on s.code = c.status
