-- Purpose: keep the dates that decide about rows (on the source).
-- $1 cutover, $2 end of the coupon gap
insert into poco_export.rules (cutover_at, coupon_gap_ends)
values ($1, $2)
    on conflict (only_row) do update
   set cutover_at = excluded.cutover_at, coupon_gap_ends = excluded.coupon_gap_ends
