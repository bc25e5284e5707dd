-- Purpose: the migrated loyalty entries, read back in the shape of extract.sql.
-- One row per entry. Order: none.
select t.entry_id - mi.poco_key(0) as source_key,
       m.region,
       'migrated'                  as outcome,
       t.entry_id, p.market, t.profile_id, t.kind, t.state, t.points, t.order_id, t.expires_at, t.created_at
  from mi.loyalty_entries t
  join mi.profiles p on p.profile_id = t.profile_id
  join mi.market_origins m on m.market = p.market
 where t.origin = 'poco'
