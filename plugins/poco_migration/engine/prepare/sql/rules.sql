-- Purpose: keep the dates of the gap of coupons and points, for those who audit at mi.com (on the target).
-- $1 cutover, $2 end of the gap as planned
insert into migration.rules (cutover_at, gap_ends) values ($1, $2)
    on conflict (only_row) do update set cutover_at = excluded.cutover_at, gap_ends = excluded.gap_ends
