-- Purpose: the points of some entries, by customer, from the original table (on the source, as the auditor).
-- Order:   region, customer, state, points.
-- Needs:   the temporary table poco_entries (source_key): the entries that are left out because POCO has booked them in the gap.
select l.region, l.customer_id, l.kind, l.state, sum(l.points)
  from poco_export.audited_points_ledger l
  join poco_entries e on e.source_key = l.id
 group by l.region, l.customer_id, l.kind, l.state
