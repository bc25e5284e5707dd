-- Purpose: who owns writes, and the coupons' way from one store to the other.
-- Rerun:   safe.

create table if not exists migration.system_of_record (
    entity text        not null,
    region text        not null,
    owner  text        not null check (owner in ('POCO', 'Xiaomi')),
    since  timestamptz not null default now(),
    run    text        not null,
    primary key (entity, region)
);

-- planned: terms known. reserved: nobody can spend it on POCO any more. issued: the voucher exists, not yet spendable.
-- done: POCO can never give it back, so the voucher is spendable. refused: it was no longer active when it was reserved.
create table if not exists migration.coupon_reissue (
    coupon_id    bigint         primary key,
    region       text           not null,
    market       text           not null,
    profile_id   bigint,
    kind         text           not null,
    amount       numeric(18, 3),
    percent      numeric(5, 2),
    currency     text           not null,
    minimum      numeric(18, 3) not null,
    category     text,
    stackable    boolean        not null,
    uses_left    integer        not null,
    per_customer integer        not null,
    valid_from   timestamptz    not null,
    valid_until  timestamptz    not null,
    extended     boolean        not null,
    state        text           not null default 'planned' check (state in ('planned', 'reserved', 'issued', 'done', 'refused')),
    epoch        integer        not null default 1,
    reissue_id   uuid           unique,
    changed_at   timestamptz    not null default now()
);
create index if not exists coupon_reissue_state on migration.coupon_reissue (state) where state <> 'done';
