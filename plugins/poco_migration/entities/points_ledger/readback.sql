-- Purpose: the migrated loyalty entries, read back in the shape of extract.sql: points are POCO's again, and null where what
--          is credited is not what was converted at the rate that holds, so that it is seen as a difference.
-- One row per entry. Order: none.
select t.entry_id - mi.poco_key(0) as source_key,
       m.region,
       'migrated'                  as outcome,
       t.entry_id, p.market, t.profile_id, t.kind, t.state,
       case when k.points_new = k.points_old and r.entry_id is null                                              then t.points
            when (r.points_new, r.points_old, r.credited) = (k.points_new, k.points_old, t.points)               then r.points end as points,
       t.order_id, t.expires_at, t.created_at
  from mi.loyalty_entries t
  join mi.profiles p on p.profile_id = t.profile_id
  join mi.market_origins m on m.market = p.market
  left join migration.scope k on k.region = m.region
  left join migration.points_remainder r on r.entry_id = t.entry_id
 where t.origin = 'poco'  -- POCO's mark
