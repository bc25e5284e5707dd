-- Purpose: POCO's consents, in the shape of mi.consents.
-- One row per recorded decision. Order: none.
select n.id                                    as source_key,
       n.region,
       case when n.purpose not in ('newsletter', 'profiling', 'sms') then 'purpose_unknown' end as refused,
       poco_export.mi_key(n.id)                as consent_id,
       n.market,
       poco_export.mi_key(n.customer_id)       as profile_id,
       n.purpose,
       n.granted,
       n.recorded_at at time zone n.time_zone  as recorded_at
  from poco_export.consents n
