-- Purpose: keep the dates that decide about rows (on the source).
-- $1 cutover, $2 end of the coupon gap, $3 what becomes of points that POCO expires in it
insert into poco_export.rules (cutover_at, coupon_gap_ends, points_expired)
values ($1, $2, $3)
    on conflict (only_row) do update
   set cutover_at = excluded.cutover_at, coupon_gap_ends = excluded.coupon_gap_ends, points_expired = excluded.points_expired
