-- Purpose: the migrated addresses, read back in the shape of extract.sql.
-- One row per address. Order: none.
select t.address_id - mi.poco_key(0) as source_key,
       o.region,
       'migrated'                    as outcome,
       t.address_id, p.market, t.profile_id, t.kind, t.recipient, t.line1, t.line2, t.city, t.postcode, t.country, t.phone, t.is_default, t.created_at
  from mi.addresses t
  join mi.profiles p on p.profile_id = t.profile_id
  join mi.market_origins o on o.market = p.market
 where t.origin = 'poco'  -- POCO's mark
