-- Purpose: POCO's points, in the shape of mi.loyalty_entries.
-- One row per ledger entry; negative entries stay negative, so a balance is conserved whatever its sign. Order: none.
select l.id                                     as source_key,
       l.region,
       case when not l.loyalty                                                              then 'no_loyalty_programme'
            when l.kind not in ('earned', 'spent', 'expired', 'reversed', 'adjusted')
              or l.state not in ('pending', 'posted')                                       then 'kind_unknown' end as refused,
       poco_export.mi_key(l.id)                 as entry_id,
       l.market,
       poco_export.mi_key(l.customer_id)        as profile_id,
       l.kind,
       l.state,
       l.points,
       poco_export.mi_key(l.order_id)           as order_id,
       l.expires_at at time zone l.time_zone    as expires_at,
       l.created_at at time zone l.time_zone    as created_at
  from poco_export.points_ledger l
