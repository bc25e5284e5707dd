-- Purpose: what POCO owed at the handover of the orders. From there to the reissue nobody can spend a coupon or a point, so what POCO's
--          own jobs expire in that gap is not lost: who asks whether a coupon was active at the handover asks here.
-- How:     written at the snapshot of the switch itself, behind the handover (engine/liability.at_handover), while mi.com sells already.
-- Rerun:   safe; noted again, a region's lines are replaced, until one of its coupons is on its way.

create table if not exists poco_export.owed_coupons (
    coupon_id   bigint    primary key,
    region      text      not null,
    uses_left   integer   not null,
    valid_until timestamp not null
);

-- One line per region. last_expired: the newest entry of points by which POCO had expired some; a newer one is of the gap.
create table if not exists poco_export.handed_over (
    region       text        primary key,
    last_expired timestamp   not null,
    noted_at     timestamptz not null default now()
);

-- What becomes of points that POCO expires in the gap: 'stand' moves the entry, 'left_out' moves the points without it.
alter table poco_export.rules add column if not exists points_expired text not null default 'stand'
    check (points_expired in ('stand', 'left_out'));
