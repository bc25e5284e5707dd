-- Purpose: what POCO has booked in points between the handover of the orders and their close, for the certificate; of what it has expired,
--          how much the ruling of migration.toml leaves out.
-- $1 run
select region, kind, state, ruling, at_handover, booked, left_out
  from migration.points_gap where run = $1 and (at_handover, booked, left_out) <> (0, 0, 0)
 order by region, kind, state
