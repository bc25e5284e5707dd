-- Purpose: the POCO store's database as it stands at the announcement: all regions in one, India included.
-- Shape:   every row says which store it belongs to (region). Money is bigint in the currency's own minor unit.
--          Every timestamp without zone is local time of the row's store (stores.time_zone).
-- Note:    few foreign keys and no status tables, on purpose: that is how it was found.

create schema poco;

create table poco.currencies (
    code     char(3)  primary key,
    exponent smallint not null check (exponent between 0 and 3)   -- POCO's own: IDR has none, whatever ISO 4217 says
);

create table poco.stores (
    id        bigint  primary key,
    region    text    not null unique,
    time_zone text    not null,
    currency  char(3) not null references poco.currencies,
    language  text    not null,
    domain    text    not null,
    opened_on date    not null
);

create table poco.products (
    id              bigint    primary key,
    region          text      not null,
    sku             text      not null,
    slug            text      not null,
    name            text      not null,
    model           text      not null,
    category        text      not null,
    status          smallint  not null,             -- 1 on sale, 2 discontinued, 3 hidden
    created_at      timestamp not null,
    discontinued_at timestamp
);

create table poco.product_prices (
    id           bigint    primary key,
    region       text      not null,
    product_id   bigint    not null,
    currency     char(3)   not null,
    amount_minor bigint    not null,
    valid_from   timestamp not null,
    valid_to     timestamp
);

create table poco.customers (
    id                bigint    primary key,
    region            text      not null,
    mi_account_id     bigint,                       -- the login was the Mi account, so it is mostly present
    email             text,
    email_verified_at timestamp,
    phone             text,
    phone_verified_at timestamp,
    full_name         text,
    birth_date        date,
    password_hash     text,                         -- never leaves POCO
    locale            text,
    status            smallint  not null,           -- 1 active, 2 closed, 3 erased
    note              text,
    created_at        timestamp not null,
    closed_at         timestamp,
    erased_at         timestamp
);

create table poco.addresses (
    id          bigint    primary key,
    region      text      not null,
    customer_id bigint    not null,
    kind        text      not null,                 -- shipping, billing
    payload     json      not null,                 -- {name, line1, line2, city, postcode, country, phone}
    is_default  boolean   not null,
    created_at  timestamp not null
);

create table poco.consents (
    id          bigint    primary key,
    region      text      not null,
    customer_id bigint    not null,
    purpose     text      not null,                 -- newsletter, profiling, sms
    granted     boolean   not null,
    recorded_at timestamp not null
);

create table poco.orders (
    id               bigint    primary key,
    region           text      not null,
    order_number     text      not null,
    customer_id      bigint,                        -- null: a guest
    guest_email      text,
    guest_phone      text,
    status           smallint  not null,            -- 10 placed, 20 paid, 30 packed, 40 shipped, 50 delivered, 60 cancelled, 70 returned
    currency         char(3)   not null,
    subtotal_minor   bigint    not null,
    discount_minor   bigint    not null,
    shipping_minor   bigint    not null,
    tax_minor        bigint    not null,            -- inside the total, not on top
    total_minor      bigint    not null,
    coupon_id        bigint,
    shipping_address json,
    note             text,
    placed_at        timestamp not null,
    updated_at       timestamp not null
);

create table poco.order_items (
    id          bigint  primary key,
    region      text    not null,
    order_id    bigint  not null,
    product_id  bigint  not null,
    sku         text    not null,
    title       text    not null,
    quantity    integer not null,
    unit_minor  bigint  not null,
    total_minor bigint  not null
);

create table poco.payments (
    id           bigint    primary key,
    region       text      not null,
    order_id     bigint    not null,
    method       text      not null,                -- card, paypal, transfer, cod
    provider_ref text      not null,
    card_token   text,                              -- never leaves POCO
    amount_minor bigint    not null,
    currency     char(3)   not null,
    status       smallint  not null,                -- 1 authorised, 2 captured, 3 failed, 4 refunded
    paid_at      timestamp
);

create table poco.refunds (
    id           bigint    primary key,
    region       text      not null,
    payment_id   bigint    not null,
    amount_minor bigint    not null,
    reason       text,
    status       smallint  not null,                -- 1 requested, 2 done, 3 refused
    refunded_at  timestamp
);

create table poco.returns (
    id            bigint    primary key,
    region        text      not null,
    order_id      bigint    not null,
    order_item_id bigint    not null,
    quantity      integer   not null,
    reason        text,
    status        smallint  not null,               -- 1 open, 2 received, 3 closed, 4 refused
    opened_at     timestamp not null,
    closed_at     timestamp
);

create table poco.shipments (
    id              bigint   primary key,
    region          text     not null,
    order_id        bigint   not null,
    carrier         text     not null,
    tracking_number text     not null,
    status          smallint not null,              -- 1 created, 2 in transit, 3 delivered, 4 lost
    shipped_at      timestamp,
    delivered_at    timestamp
);

create table poco.shipment_events (
    id          bigint    primary key,
    region      text      not null,
    shipment_id bigint    not null,
    sequence_no integer   not null,
    code        text      not null,                 -- accepted, departed, arrived, out_for_delivery, delivered, exception
    location    text,
    occurred_at timestamp not null
);

create table poco.reviews (
    id          bigint    primary key,
    region      text      not null,
    product_id  bigint    not null,
    customer_id bigint    not null,
    rating      smallint  not null,
    title       text,
    body        text      not null,
    reply       text,
    replied_at  timestamp,
    photo_keys  text[]    not null default '{}',    -- objects in POCO's media bucket
    photo_sha256 text[]   not null default '{}',    -- of each, as the upload noted it; old uploads have none
    status      smallint  not null,                 -- 1 published, 2 pending, 3 hidden
    created_at  timestamp not null
);

create table poco.tickets (
    id          bigint    primary key,
    region      text      not null,
    customer_id bigint    not null,
    order_id    bigint,
    subject     text      not null,
    status      smallint  not null,                 -- 1 open, 2 waiting, 3 solved, 4 closed
    opened_at   timestamp not null,
    closed_at   timestamp
);

create table poco.ticket_messages (
    id          bigint    primary key,
    region      text      not null,
    ticket_id   bigint    not null,
    author      text      not null,                 -- customer, agent
    body        text      not null,
    attachments json      not null default '[]',    -- [{key, name, bytes, sha256}] in POCO's media bucket
    sent_at     timestamp not null
);

create table poco.warranty_claims (
    id            bigint    primary key,
    region        text      not null,
    customer_id   bigint    not null,
    order_item_id bigint,
    imei          text,
    description   text      not null,
    status        smallint  not null,               -- 1 open, 2 repaired, 3 replaced, 4 refused
    opened_at     timestamp not null,
    resolved_at   timestamp
);

create table poco.coupons (
    id                bigint    primary key,
    region            text      not null,
    code              text      not null,           -- spendable, so it is a secret
    kind              smallint  not null,           -- 1 fixed amount, 2 percent, 3 free shipping
    value_minor       bigint,                       -- kind 1
    percent           numeric(5,2),                 -- kind 2
    currency          char(3)   not null,
    minimum_minor     bigint    not null default 0,
    category          text,                         -- product scope; null: everything
    stackable         boolean   not null default false,
    customer_id       bigint,                       -- null: public, anybody who knows the code
    uses_total        integer   not null default 1,
    uses_left         integer   not null default 1,
    per_customer      integer   not null default 1,
    status            smallint  not null,           -- 1 active, 2 used up, 3 expired, 4 revoked, 5 reserved for mi.com, 6 moved to mi.com
    reserved_order_id bigint,                       -- an open order holds it
    valid_from        timestamp not null,
    valid_until       timestamp not null
);

create table poco.coupon_redemptions (
    id           bigint    primary key,
    region       text      not null,
    coupon_id    bigint    not null,
    order_id     bigint    not null,
    customer_id  bigint,
    amount_minor bigint    not null,
    redeemed_at  timestamp not null
);

create table poco.points_ledger (
    id          bigint    primary key,
    region      text      not null,
    customer_id bigint    not null,
    kind        text      not null,                 -- earned, spent, expired, reversed, adjusted
    state       text      not null,                 -- pending, posted
    points      bigint    not null,
    order_id    bigint,
    expires_at  timestamp,
    created_at  timestamp not null
);

create table poco.app_tokens (
    id           bigint    primary key,
    region       text      not null,
    customer_id  bigint    not null,
    token        text      not null,                -- never leaves POCO
    device       text,
    created_at   timestamp not null,
    last_seen_at timestamp,
    revoked_at   timestamp
);
