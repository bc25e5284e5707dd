-- Purpose: the migrated warranty claims, read back in the shape of extract.sql.
-- One row per claim. Order: none.
select t.warranty_id - mi.poco_key(0) as source_key,
       m.region,
       'migrated'                     as outcome,
       t.warranty_id, t.market, t.profile_id, t.line_id, t.imei, t.description, t.status, t.opened_at, t.resolved_at
  from mi.warranties t
  join mi.market_origins m on m.market = t.market
 where t.origin = 'poco'  -- POCO's mark
