-- Purpose: POCO's points, in the shape of mi.loyalty_entries.
-- One row per ledger entry; negative entries stay negative, so a balance is conserved whatever its sign. Order: none.
-- Rule:    points cannot be spent between the handover of the orders and their move. What POCO's job expires in that gap follows
--          migration.toml ([points_gap]): the entry stands; or it is left out, and points that would end in the gap end later by it.
select l.id                                     as source_key,
       l.region,
       case when not l.loyalty                                                              then 'no_loyalty_programme'
            when l.kind not in ('earned', 'spent', 'expired', 'reversed', 'adjusted')
              or l.state not in ('pending', 'posted')                                       then 'kind_unknown'
            when g.kept and l.kind = 'expired' and l.created_at > l.last_expired            then 'expired_in_the_gap' end as refused,
       poco_export.mi_key(l.id)                 as entry_id,
       l.market,
       poco_export.mi_key(l.customer_id)        as profile_id,
       l.kind,
       l.state,
       l.points,
       poco_export.mi_key(l.order_id)           as order_id,
       g.ends_at + case when g.kept and g.ends_at > r.cutover_at and g.ends_at <= r.coupon_gap_ends
                        then r.coupon_gap_ends - r.cutover_at else interval '0' end as expires_at,
       l.created_at at time zone l.time_zone    as created_at
  from poco_export.points_ledger l
 cross join poco_export.rules r
 cross join lateral (select l.expires_at at time zone l.time_zone as ends_at,
                            r.points_expired = 'left_out' and l.last_expired is not null as kept) g
