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
-- given_back: POCO has it again, and the voucher, if there was one, is cancelled; the next run tries again. problem says why.
-- epoch: which attempt this is, as POCO counts them (poco_export.reservation).
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
    state        text           not null default 'planned' check (state in ('planned', 'reserved', 'issued', 'done', 'refused', 'given_back')),
    epoch        integer        not null default 0,
    problem      text           not null default '',
    reissue_id   uuid           unique,
    noticed_by   text,                          -- the run that told the customer
    changed_at   timestamptz    not null default now()
) with (fillfactor = 60);                       -- each row changes three times; no index holds the state, so it stays on its page

-- When the voucher ends as it was issued, later than valid_until where the reissue was late; and the day of the calendar at its issue.
alter table migration.coupon_reissue add column if not exists issued_until timestamptz;
alter table migration.coupon_reissue add column if not exists issued_on    timestamptz;

-- The dates of the gap, in which nobody can spend a coupon or a point; whoever audits the vouchers goes by them.
create table if not exists migration.rules (
    only_row   boolean     primary key default true check (only_row),
    cutover_at timestamptz not null,
    gap_ends   timestamptz not null
);

-- What each coupon was worth at the handover of the orders, taken from the original tables at the snapshot of the switch. What POCO has
-- made since is added when its coupons are closed, before the first reservation.
create table if not exists migration.coupon_freeze (
    coupon_id bigint         primary key,       -- POCO's key
    region    text           not null,
    currency  text           not null,
    kind      text           not null,
    audience  text           not null check (audience in ('personal', 'public')),
    uses      integer        not null,
    worth     numeric        not null,          -- of one use: an amount, or per cent
    frozen_at timestamptz    not null default now()
);
alter table migration.coupon_freeze add column if not exists customer bigint;   -- POCO's key; null: public

-- The points of each customer at that handover, by what booked them: POCO goes on booking until its points are closed.
create table if not exists migration.points_freeze (
    region    text        not null,
    customer  bigint      not null,             -- POCO's key
    kind      text        not null,
    state     text        not null,
    points    numeric     not null,
    frozen_at timestamptz not null default now(),
    primary key (region, customer, kind, state)
);

-- What POCO has booked since, as a run has measured it, and how much of what it expired is left out by the ruling of migration.toml.
create table if not exists migration.points_gap (
    run         text    not null,
    region      text    not null,
    kind        text    not null,
    state       text    not null,
    ruling      text    not null,               -- stand, left_out; of what POCO expires
    at_handover numeric not null,
    booked      numeric not null,               -- by POCO between the handover and its close
    left_out    numeric not null,
    primary key (run, region, kind, state)
);

-- Where that liability is now, as a run has measured it. One line 'freeze'; the others must add up to it.
create table if not exists migration.liability (
    run      text    not null,
    region   text    not null,
    currency text    not null,
    kind     text    not null,
    audience text    not null,
    line     text    not null,                  -- freeze, issued, spent (at POCO since the freeze), or the reason of a refusal
    coupons  bigint  not null,
    uses     bigint  not null,
    worth    numeric not null,                  -- uses times what one is worth
    primary key (run, region, currency, kind, audience, line)
);

-- Where it does not add up.
create or replace view migration.liability_open as
select run, region, currency, kind, audience, sum(coupons * n) as coupons, sum(uses * n) as uses, sum(worth * n) as worth
  from (select l.*, case line when 'freeze' then 1 else -1 end as n from migration.liability l) s
 group by run, region, currency, kind, audience
having (sum(coupons * n), sum(uses * n), sum(worth * n)) <> (0, 0, 0);

-- The notices that were written for the mailing system, one file per region and run.
create table if not exists migration.notice (
    run         text        not null,
    region      text        not null,
    object      text        not null,           -- bucket and key
    sha256      text        not null,
    bytes       bigint      not null,
    notices     bigint      not null,
    written_at  timestamptz not null default now(),
    primary key (run, region)
);
