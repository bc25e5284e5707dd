-- Purpose: the migrated consents, read back in the shape of extract.sql.
-- One row per recorded decision. Order: none.
select t.consent_id - mi.poco_key(0) as source_key,
       o.region,
       'migrated'                    as outcome,
       t.consent_id, p.market, t.profile_id, t.purpose, t.granted, t.recorded_at
  from mi.consents t
  join mi.profiles p on p.profile_id = t.profile_id
  join mi.market_origins o on o.market = p.market
 where t.origin = 'poco'  -- POCO's mark
