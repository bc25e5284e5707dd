-- Purpose: mi.com's consents in the columns of poco.consents: the inverse of extract.sql (on POCO's database).
-- Needs:   returned, rows in the shape of readback.sql. One row per row of it. Order: none.
select r.source_key,
       k.region,
       case when k.region is null     then 'market_unknown'
            when r.profile_id is null then 'parent_missing' end as refused,
       r.profile_id - poco_export.mi_key(0)   as customer_id,
       r.purpose,
       r.granted,
       r.recorded_at at time zone k.time_zone as recorded_at
  from returned r
  left join poco_export.scope k on k.market = r.market
