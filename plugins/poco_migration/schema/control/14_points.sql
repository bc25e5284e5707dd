-- Purpose: what is left of points where one of POCO's is not one of mi.com's, kept with the entry and never rounded away.
-- Rerun:   safe.

-- The whole points of an amount, downwards: -7.5 are -8, and half a point is left. Exact, unlike a division of numerics.
create or replace function migration.whole_points(points numeric, points_new bigint, points_old bigint) returns numeric
    language sql immutable parallel safe strict
    return div(points * points_new - mod(mod(points * points_new, points_old) + points_old, points_old), points_old);

-- One row per loyalty entry of a region whose rate is not one for one; where it is, there is none.
create table if not exists migration.points_remainder (
    entry_id   bigint primary key,          -- mi.loyalty_entries
    points     bigint not null,             -- POCO's
    points_new bigint not null,             -- the rate it was converted at
    points_old bigint not null,
    credited   bigint not null,             -- mi.com's
    remainder  bigint not null,             -- in parts of a point, points_old of which make one of mi.com's
    check (points::numeric * points_new = credited::numeric * points_old + remainder)
);
