-- Purpose: mi.com's profiles in the columns of poco.customers: the inverse of extract.sql (on POCO's database).
-- Needs:   returned, rows in the shape of readback.sql. One row per row of it. Order: none.
-- Rule:    mi.com knows that an address is verified, not when; what is verified since the switch counts from the return.
select r.source_key,
       k.region,
       case when k.region is null then 'market_unknown'
            when s.code is null   then 'status_unknown' end as refused,
       r.mi_account_id,
       r.email,
       case when r.email_verified then now() at time zone k.time_zone end as email_verified_at,
       r.phone_as_entered                    as phone,
       case when r.phone_verified then now() at time zone k.time_zone end as phone_verified_at,
       r.display_name                        as full_name,
       r.birth_date,
       r.locale,
       s.code                                as status,
       r.note,
       r.created_at at time zone k.time_zone as created_at,
       r.closed_at at time zone k.time_zone  as closed_at
  from returned r
  left join poco_export.scope k on k.market = r.market
  left join (values (1, 'active'), (2, 'closed')) as s (code, status) on s.status = r.status
