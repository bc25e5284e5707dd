-- Purpose: the migrated tickets, read back in the shape of extract.sql.
-- One row per ticket. Order: none.
select t.case_id - mi.poco_key(0) as source_key,
       m.region,
       'migrated'                 as outcome,
       t.case_id, t.market, t.profile_id, t.order_id, t.subject, t.status, t.opened_at, t.closed_at
  from mi.service_cases t
  join mi.market_origins m on m.market = t.market
 where t.origin = 'poco'  -- POCO's mark
