-- Purpose: the entries of points that are left out because POCO has booked them in the gap (source keys).
-- $1 reason
select source_key from migration.left_out where entity = 'points_ledger' and reason = $1 order by 1
