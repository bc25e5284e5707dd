-- Purpose: the points of every customer, by what booked them, from the original table (on the source, as the auditor): asked at the snapshot
--          of the switch, and again when the points are closed. What lies between was booked in the gap.
-- Order:   region, customer, kind, state, points.
select l.region, l.customer_id, l.kind, l.state, sum(l.points)
  from poco_export.audited_points_ledger l
  join poco_export.scope k on k.region = l.region and k.decision = 'move'
 group by l.region, l.customer_id, l.kind, l.state
